package io.github.rankfold.models.data;

import io.github.rankfold.models.InvalidInputException;
import java.util.Arrays;
import java.util.List;

/** The labels of samples, or why there are none; immutable. */
sealed interface Labels {
  Labels select(int[] samples);

  /** One in 0..K-1 for each sample, and the names of the K classes. */
  final class Known implements Labels {
    private final int[] numbers;
    private final List<String> names;
    private final boolean isSorted;

    /**
     * @param isSorted whether the classes are the values of a file, in the order of their names for
     *     want of another
     */
    Known(int[] numbers, List<String> names, boolean isSorted) {
      this.numbers = numbers;
      this.names = List.copyOf(names);
      this.isSorted = isSorted;
    }

    /** The label of sample {@code i}. */
    int number(int i) {
      return numbers[i];
    }

    List<String> names() {
      return names;
    }

    boolean isSorted() {
      return isSorted;
    }

    int[] counts() {
      int[] counts = new int[names.size()];
      for (int number : numbers) {
        counts[number]++;
      }
      return counts;
    }

    @Override
    public Known select(int[] samples) {
      return new Known(Arrays.stream(samples).map(i -> numbers[i]).toArray(), names, isSorted);
    }

    /** See {@link LabeledData#withClasses}. */
    Known withClasses(List<String> wanted, String of, String data) {
      boolean numbered =
          names.size() <= wanted.size() && names.equals(ClassNames.numbered(names.size()));
      int[] places = new int[names.size()];
      for (int k = 0; k < places.length; k++) {
        int named = wanted.indexOf(names.get(k));
        places[k] = named < 0 && numbered ? k : named;
      }
      Known renumbered = renumbered(places, wanted);
      for (int i = 0; i < numbers.length; i++) {
        if (renumbered.numbers[i] < 0) {
          throw new InvalidInputException(
              "%s: sample %d: expected one of the classes %s of %s, found %s"
                  .formatted(data, i, wanted, of, names.get(numbers[i])));
        }
      }
      return renumbered;
    }

    /** See {@link LabeledData#forOutputs}. */
    Labels forOutputs(int outputs, String of) {
      if (isSorted) {
        var classNumbers = LabelValues.classNumbers(names, outputs);
        if (classNumbers.isPresent()) {
          int[] places = classNumbers.get();
          int greatest = Arrays.stream(places).max().orElse(0);
          return renumbered(places, ClassNames.numbered(greatest + 1));
        }
      }
      if (names.size() > outputs) {
        return new None(
            "those of %d classes for the %d output(s) of %s".formatted(names.size(), outputs, of),
            true);
      }
      if (isSorted && names.size() < outputs) {
        return new None(
            "%d values (%s) that do not say which of the %d outputs of %s each is (classes=NAME,NAME,... names all classes in the order of the outputs)"
                .formatted(names.size(), ClassNames.shown(names), outputs, of),
            true);
      }
      return this;
    }

    /** With class {@code k} as {@code places[k]} of other names. */
    private Known renumbered(int[] places, List<String> newNames) {
      return new Known(
          Arrays.stream(numbers).map(number -> places[number]).toArray(), newNames, false);
    }
  }

  /**
   * None that are classes.
   *
   * @param found what is there in their place, for those who ask for labels nevertheless
   * @param areLeftOut whether there are some that cannot be used
   */
  record None(String found, boolean areLeftOut) implements Labels {
    static None because(String missing) {
      return new None("none (%s)".formatted(missing), false);
    }

    @Override
    public Labels select(int[] samples) {
      return this;
    }
  }
}
