package io.github.rankfold.models.data;

import io.github.rankfold.models.InvalidInputException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * {@code SCHEME[:LOCATION][?NAME=VALUE&NAME=VALUE...]}: data as a user writes it.
 *
 * <p>Values may hold percent-encoded characters ({@code %26} for an ampersand); the location is
 * taken as it is, up to the first question mark.
 *
 * @param text the whole, for messages
 */
record DataUri(String text, String scheme, String location, Map<String, String> parameters) {
  DataUri {
    parameters = Collections.unmodifiableMap(new LinkedHashMap<>(parameters));
  }

  static DataUri parse(String text) {
    int question = text.indexOf('?');
    String source = question < 0 ? text : text.substring(0, question);
    int colon = source.indexOf(':');
    Map<String, String> parameters = new LinkedHashMap<>();
    if (question >= 0) {
      for (String pair : text.substring(question + 1).split("&", -1)) {
        addParameter(text, pair, parameters);
      }
    }
    return new DataUri(
        text,
        colon < 0 ? source : source.substring(0, colon),
        colon < 0 ? "" : source.substring(colon + 1),
        parameters);
  }

  private static void addParameter(String text, String pair, Map<String, String> parameters) {
    int equals = pair.indexOf('=');
    if (equals <= 0) {
      throw new InvalidInputException(
          "%s: expected parameters as NAME=VALUE, found \"%s\"".formatted(text, pair));
    }
    String value;
    try {
      // URLDecoder takes a plus for a space, as in forms; in a column's name it is a plus.
      value =
          URLDecoder.decode(pair.substring(equals + 1).replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw new InvalidInputException(
          "%s: expected two hexadecimal digits after %%, found \"%s\"".formatted(text, pair), e);
    }
    if (parameters.putIfAbsent(pair.substring(0, equals), value) != null) {
      throw new InvalidInputException(
          "%s: expected parameter %s once, found it twice"
              .formatted(text, pair.substring(0, equals)));
    }
  }

  /** The location as a file or folder. */
  Path path() {
    if (location.isEmpty()) {
      throw new InvalidInputException(
          "%s: expected a path after \"%s:\", found none".formatted(text, scheme));
    }
    try {
      return Path.of(location);
    } catch (InvalidPathException e) {
      throw new InvalidInputException("%s: expected a path: %s".formatted(text, e.getMessage()), e);
    }
  }

  void requireNoLocation() {
    if (!location.isEmpty()) {
      throw new InvalidInputException(
          "%s: expected nothing after \"%s\", found \"%s\"".formatted(text, scheme, location));
    }
  }

  void requireOnly(Collection<String> known) {
    for (String name : parameters.keySet()) {
      if (!known.contains(name)) {
        throw new InvalidInputException(
            "%s: expected parameters among %s, found %s"
                .formatted(text, String.join(", ", known), name));
      }
    }
  }

  Optional<String> text(String name) {
    return Optional.ofNullable(parameters.get(name));
  }

  boolean flag(String name, boolean absent) {
    Optional<String> value = text(name);
    if (value.isPresent() && !value.get().equals("true") && !value.get().equals("false")) {
      throw refused(name, "true or false", value.get());
    }
    return value.map(Boolean::parseBoolean).orElse(absent);
  }

  long integer(String name, long absent) {
    Optional<String> value = text(name);
    try {
      return value.map(Long::parseLong).orElse(absent);
    } catch (NumberFormatException e) {
      throw refused(name, "an integer", value.orElse(""));
    }
  }

  /** A number between two others, both excluded. */
  Optional<Double> between(String name, double low, double high) {
    Optional<String> value = text(name);
    if (value.isEmpty()) {
      return Optional.empty();
    }
    String range =
        high == Double.POSITIVE_INFINITY
            ? "a number above " + low
            : "a number between %s and %s".formatted(low, high);
    try {
      double number = Double.parseDouble(value.get());
      if (number > low && number < high) {
        return Optional.of(number);
      }
    } catch (NumberFormatException e) {
      throw refused(name, range, value.get());
    }
    throw refused(name, range, value.get());
  }

  /** Names separated by commas, each once; none where the parameter is left out. */
  List<String> names(String name) {
    String value = text(name).orElse("");
    if (text(name).isEmpty()) {
      return List.of();
    }
    List<String> names = Arrays.stream(value.split(",", -1)).map(String::strip).toList();
    if (names.contains("") || names.stream().distinct().count() < names.size()) {
      throw refused(name, "distinct names separated by commas", value);
    }
    return names;
  }

  char character(String name, char absent) {
    String value = text(name).orElse(String.valueOf(absent));
    if (value.length() != 1) {
      throw refused(name, "one character", value);
    }
    return value.charAt(0);
  }

  Optional<DataSplit.Part> part(String name) {
    return text(name)
        .map(
            value ->
                Arrays.stream(DataSplit.Part.values())
                    .filter(part -> part.name().toLowerCase(Locale.ROOT).equals(value))
                    .findFirst()
                    .orElseThrow(() -> refused(name, "train or test", value)));
  }

  private InvalidInputException refused(String name, String expected, String found) {
    return new InvalidInputException(
        "%s: %s: expected %s, found \"%s\"".formatted(text, name, expected, found));
  }
}
