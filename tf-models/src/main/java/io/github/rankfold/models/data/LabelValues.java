package io.github.rankfold.models.data;

import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** Labels as a file spells them: numbers or words, whose order as classes the file does not say. */
final class LabelValues {
  private LabelValues() {}

  /** The distinct values, in numerical order where all are numbers. */
  static List<String> sorted(Collection<String> labels) {
    List<String> distinct = labels.stream().distinct().toList();
    boolean numbers = distinct.stream().allMatch(LabelValues::isNumber);
    Comparator<String> byText = Comparator.naturalOrder();
    return distinct.stream()
        .sorted(
            numbers
                ? Comparator.comparingDouble(Double::parseDouble).thenComparing(byText)
                : byText)
        .toList();
  }

  /** The place of each label among the classes, which all labels are of. */
  static int[] indices(List<String> labels, List<String> classes) {
    Map<String, Integer> index = new HashMap<>();
    for (String name : classes) {
      index.put(name, index.size());
    }
    return labels.stream().mapToInt(index::get).toArray();
  }

  /** The values as whole numbers in 0..classes-1; empty where one is none. */
  static Optional<int[]> classNumbers(List<String> values, int classes) {
    int[] numbers = new int[values.size()];
    for (int i = 0; i < numbers.length; i++) {
      OptionalInt number = wholeNumber(values.get(i));
      if (number.isEmpty() || number.getAsInt() < 0 || number.getAsInt() >= classes) {
        return Optional.empty();
      }
      numbers[i] = number.getAsInt();
    }
    return Optional.of(numbers);
  }

  private static OptionalInt wholeNumber(String text) {
    if (!isNumber(text)) {
      return OptionalInt.empty();
    }
    double value = Double.parseDouble(text); // pandas writes 1.0 for 1
    return value == (int) value ? OptionalInt.of((int) value) : OptionalInt.empty();
  }

  private static boolean isNumber(String text) {
    try {
      return Double.isFinite(Double.parseDouble(text));
    } catch (NumberFormatException e) {
      return false;
    }
  }
}
