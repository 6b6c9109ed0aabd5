package io.github.rankfold.models.data;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * An array as the labels of samples: whole numbers of any type or text, [samples] or [samples, 1],
 * or one-hot rows, [samples, classes].
 */
final class NpzLabels {
  private final NpyArray array;
  private final double[] values;

  /** Values of a sample: 1, or the classes of one-hot rows. */
  private final int width;

  NpzLabels(NpyArray array) {
    this.array = array;
    this.values = array.isText() ? new double[0] : array.toDoubles();
    List<Integer> shape = axes(array);
    this.width = shape.size() == 2 ? shape.get(1) : 1;
  }

  /** The array's axes, of text without that of characters. */
  private static List<Integer> axes(NpyArray array) {
    List<Integer> shape = array.shape();
    return array.isText() ? shape.subList(0, shape.size() - 1) : shape;
  }

  /** Why these are no labels, where and what was expected; empty where they are. */
  Optional<String> problem() {
    List<Integer> shape = axes(array);
    boolean column = shape.size() == 2 && shape.get(1) == 1;
    boolean oneHot = shape.size() == 2 && shape.get(1) > 1 && !array.isText();
    if (shape.size() != 1 && !column && !oneHot) {
      return Optional.of(
          "expected one label a sample, shape [samples], or one-hot rows, found shape " + shape);
    }
    return IntStream.range(0, values.length / width)
        .filter(i -> oneHot ? !isOneHot(i) : !isClassNumber(values[i]))
        .mapToObj(i -> oneHot ? "sample %d: expected one 1 among zeros".formatted(i) : refused(i))
        .findFirst();
  }

  private String refused(int i) {
    double found = values[i];
    String shown = found == (long) found ? Long.toString((long) found) : Double.toString(found);
    return found < 0 || found != Math.rint(found)
        ? "sample %d: expected a whole number from 0, found %s".formatted(i, shown)
        : "sample %d: expected a label below %d, found %s".formatted(i, ClassNames.MOST, shown);
  }

  private static boolean isClassNumber(double value) {
    return value == Math.rint(value) && value >= 0 && value < ClassNames.MOST;
  }

  private boolean isOneHot(int sample) {
    double[] row = Arrays.copyOfRange(values, sample * width, (sample + 1) * width);
    return Arrays.stream(row).allMatch(value -> value == 0 || value == 1)
        && Arrays.stream(row).sum() == 1;
  }

  int samples() {
    return array.shape().get(0);
  }

  boolean isText() {
    return array.isText();
  }

  /** The classes that one-hot rows have a column for, or 1. */
  int columns() {
    return width;
  }

  /** The number of each sample's class; not of text. */
  int[] numbers() {
    int[] numbers = new int[values.length / width];
    for (int i = 0; i < numbers.length; i++) {
      if (width == 1) {
        numbers[i] = (int) values[i];
      }
      for (int k = 0; k < width && width > 1; k++) {
        numbers[i] += values[i * width + k] == 1 ? k : 0;
      }
    }
    return numbers;
  }

  /** Each sample's label as a file of text would have it. */
  List<String> words() {
    if (!isText()) {
      return Arrays.stream(numbers()).mapToObj(Integer::toString).toList();
    }
    int samples = samples();
    double[] points = array.toDoubles();
    int length = samples == 0 ? 0 : points.length / samples;
    List<String> words = new ArrayList<>();
    for (int i = 0; i < samples; i++) {
      StringBuilder word = new StringBuilder();
      for (int j = i * length; j < (i + 1) * length && points[j] != 0; j++) {
        word.appendCodePoint((int) points[j]);
      }
      words.add(word.toString());
    }
    return words;
  }
}
