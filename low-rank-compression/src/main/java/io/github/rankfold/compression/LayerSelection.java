package io.github.rankfold.compression;

import io.github.rankfold.models.InvalidInputException;
import io.github.rankfold.models.layers.Layer;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Which layers a rule is for, by patterns in which {@code *} stands for any characters.
 *
 * @param include layers whose name fits one of these; all where it is empty
 * @param exclude but not those whose name fits one of these
 */
public record LayerSelection(List<String> include, List<String> exclude) {
  public LayerSelection {
    include = List.copyOf(include);
    exclude = List.copyOf(exclude);
  }

  public static LayerSelection all() {
    return new LayerSelection(List.of(), List.of());
  }

  /** Whether the rule is for this layer. */
  public boolean selects(Layer layer) {
    return (include.isEmpty() || fitsAny(include, layer)) && !fitsAny(exclude, layer);
  }

  /** A pattern that no layer fits is an input error: it is a slip of the pen. */
  public void requireMatches(List<Layer> layers) {
    for (List<String> patterns : List.of(include, exclude)) {
      for (String pattern : patterns) {
        if (layers.stream().noneMatch(layer -> fits(pattern, layer))) {
          throw new InvalidInputException(
              "layer pattern %s: expected a layer that fits it, found %s"
                  .formatted(pattern, layers.stream().map(Layer::name).toList()));
        }
      }
    }
  }

  private static boolean fitsAny(List<String> patterns, Layer layer) {
    return patterns.stream().anyMatch(pattern -> fits(pattern, layer));
  }

  private static boolean fits(String pattern, Layer layer) {
    String regex = Pattern.quote(pattern).replace("*", "\\E.*\\Q");
    return layer.name().matches(regex);
  }
}
