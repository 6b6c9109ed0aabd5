package io.github.rankfold.models.data;

import io.github.rankfold.models.InvalidInputException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.Consumer;

/**
 * A CSV file with a row for each sample: numbers, and one column of labels.
 *
 * <p>Labels may be any text; their sorted distinct values are the class names, in numerical order
 * where all are numbers, unless the options name the classes. A file that ends in {@code .gz} is
 * inflated. Features are float64.
 */
public final class CsvData {
  private CsvData() {}

  /** Reads the file; a test part is there if the options hold one out. */
  public static DataSplit load(Path file, CsvOptions options) {
    return load(file, options, note -> {});
  }

  /**
   * @param notes takes lines about how the file was understood, for a user to check
   */
  static DataSplit load(Path file, CsvOptions options, Consumer<String> notes) {
    String name = "csv:" + file;
    CsvRows rows = CsvRows.read(file, options, notes);
    LabeledData all = all(name, rows, options);
    DataSplit split =
        options.heldOut().map(part -> holdOut(all, part)).orElseGet(() -> DataSplit.only(all));
    return (options.standardize() ? standardized(split) : split).named(name);
  }

  private static LabeledData all(String name, CsvRows rows, CsvOptions options) {
    List<Integer> shape = List.of(rows.features().width());
    if (!options.hasLabels()) {
      return LabeledData.unlabeled(name, rows.features(), shape, "label= names no column");
    }
    boolean isSorted = options.classes().isEmpty();
    List<String> classes = isSorted ? LabelValues.sorted(rows.labels()) : options.classes();
    int[] labels = LabelValues.indices(rows.labels(), classes);
    LabeledData data = new LabeledData(name, rows.features(), shape, labels, classes);
    return isSorted ? data.withSortedClasses() : data;
  }

  /** Both parts keep the file's order. */
  private static DataSplit holdOut(LabeledData all, CsvOptions.HeldOut part) {
    int[] order = shuffled(all.size(), part.seed());
    int testCount = (int) Math.round(part.fraction() * all.size());
    if (testCount == 0 || testCount == all.size()) {
      throw new InvalidInputException(
          "%s: expected samples in both parts, found %d to hold out of %d"
              .formatted(all.name(), testCount, all.size()));
    }
    int[] test = Arrays.copyOf(order, testCount);
    int[] train = Arrays.copyOfRange(order, testCount, order.length);
    Arrays.sort(test);
    Arrays.sort(train);
    return new DataSplit(all.select(train), Optional.of(all.select(test)));
  }

  /** Fisher and Yates' shuffle; java.util.Random is specified, so every JVM gives the same one. */
  private static int[] shuffled(int count, long seed) {
    Random random = new Random(seed);
    int[] order = new int[count];
    for (int i = 0; i < count; i++) {
      int j = random.nextInt(i + 1);
      order[i] = order[j];
      order[j] = i;
    }
    return order;
  }

  private static DataSplit standardized(DataSplit split) {
    Standardization byTrain = Standardization.of(split.train().features());
    return new DataSplit(
        split.train().standardized(byTrain), split.test().map(test -> test.standardized(byTrain)));
  }
}
