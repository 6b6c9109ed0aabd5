package io.github.rankfold.models.network;

import io.github.rankfold.models.InvalidInputException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The grammar of {@link NetworkSpec#parse}. */
final class NetworkText {
  private static final Pattern WIDTHS = Pattern.compile("(\\d{1,7})(?:x(\\d{1,5}))?");

  private final String text;

  NetworkText(String text) {
    this.text = text;
  }

  NetworkSpec parse(int inputWidth, int classes) {
    List<String> parts = new ArrayList<>(List.of(text.split(":", -1)));
    String kind = parts.remove(0);
    boolean residual = kind.equals("resmlp");
    if (!residual && !kind.equals("mlp") && !kind.equals("linear")) {
      throw malformed("mlp:WIDTHS, resmlp:WIDTHS or linear", kind);
    }
    List<Integer> hidden = new ArrayList<>();
    if (!kind.equals("linear")) {
      if (parts.isEmpty()) {
        throw malformed("widths such as %s:64x3 or %s:100,50".formatted(kind, kind), text);
      }
      hidden = widths(parts.remove(0));
    }
    NetworkSpec spec =
        new NetworkSpec(
            inputWidth,
            hidden,
            classes,
            Activation.RELU,
            residual,
            true,
            Initializer.GLOROT_UNIFORM);
    for (String option : parts) {
      spec = with(spec, option);
    }
    return spec;
  }

  private List<Integer> widths(String list) {
    List<Integer> widths = new ArrayList<>();
    for (String term : list.split(",", -1)) {
      Matcher matcher = WIDTHS.matcher(term);
      if (!matcher.matches()) {
        throw malformed("a width such as 100 or 64x3", term);
      }
      int width = Integer.parseInt(matcher.group(1));
      int count = matcher.group(2) == null ? 1 : Integer.parseInt(matcher.group(2));
      if (width == 0) {
        throw malformed("a width > 0", term);
      }
      if (count == 0) {
        throw malformed("a number of layers > 0", term);
      }
      for (int i = 0; i < count; i++) {
        widths.add(width);
      }
    }
    return widths;
  }

  private NetworkSpec with(NetworkSpec spec, String option) {
    if (option.equals("nobias")) {
      return spec.withBias(false);
    }
    Optional<Activation> activation = Activation.named(option);
    if (activation.isPresent()) {
      return spec.withActivation(activation.get());
    }
    Initializer initializer =
        Initializer.named(option)
            .orElseThrow(
                () ->
                    malformed(
                        "an activation (%s), nobias or an initializer (%s)"
                            .formatted(Activation.names(), Initializer.names()),
                        option));
    return spec.withInitializer(initializer);
  }

  static String of(NetworkSpec spec) {
    StringBuilder text = new StringBuilder();
    if (spec.hidden().isEmpty()) {
      text.append("linear");
    } else {
      text.append(spec.residual() ? "resmlp:" : "mlp:");
      for (int l = 0; l < spec.hidden().size(); ) {
        int width = spec.hidden().get(l);
        int run = 1;
        while (l + run < spec.hidden().size() && spec.hidden().get(l + run) == width) {
          run++;
        }
        text.append(l == 0 ? "" : ",").append(width).append(run == 1 ? "" : "x" + run);
        l += run;
      }
    }
    if (spec.activation() != Activation.RELU) {
      text.append(':').append(spec.activation().text());
    }
    if (!spec.bias()) {
      text.append(":nobias");
    }
    if (spec.initializer() != Initializer.GLOROT_UNIFORM) {
      text.append(':').append(spec.initializer().text());
    }
    return text.toString();
  }

  private InvalidInputException malformed(String expected, String found) {
    return new InvalidInputException(
        "network \"%s\": expected %s, found \"%s\"".formatted(text, expected, found));
  }
}
