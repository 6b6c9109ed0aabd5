package io.github.rankfold.models.data;

import io.github.rankfold.models.InvalidInputException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The names of classes: of those that their source only numbers ("0", "1", ...), and in messages.
 */
final class ClassNames {
  /** No real data has more; a label that says so is a mistake, and must not fill the memory. */
  static final int MOST = 1 << 20;

  /** So many are shown in a message. */
  private static final int SHOWN = 6;

  private ClassNames() {}

  /** The names for a message, the first ones where there are many. */
  static String shown(List<String> names) {
    return names.size() <= SHOWN
        ? String.join(", ", names)
        : "%s, ... (%d)".formatted(String.join(", ", names.subList(0, SHOWN)), names.size());
  }

  static List<String> numbered(int classes) {
    return IntStream.range(0, classes).mapToObj(Integer::toString).toList();
  }

  /**
   * Names for all labels up to the greatest one in any of {@code parts}.
   *
   * @param where the source, for messages
   * @param least names to give even if the labels don't reach that far
   */
  static List<String> covering(String where, int least, int[]... parts) {
    int greatest = Arrays.stream(parts).flatMapToInt(Arrays::stream).max().orElse(0);
    if (greatest >= MOST) {
      throw new InvalidInputException(
          "%s: expected labels below %d, found %d".formatted(where, MOST, greatest));
    }
    return numbered(Math.max(least, greatest + 1));
  }
}
