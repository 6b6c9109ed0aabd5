package io.github.rankfold.collapse.statistics;

import io.github.rankfold.models.InvalidInputException;
import java.util.Arrays;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Counts, means and within-class sums of squares of features, fed batch by batch.
 *
 * <p>{@code K} classes, or the clusters of any other partition, numbered from 0; features of width
 * {@code m}; O(K m) memory. For each class the count {@code n_k}, the mean {@code mu_k} [m] and
 * {@code sum_{i in k} ||z_i - mu_k||^2} are updated by Welford's recurrence in double, and disjoint
 * parts are merged by Chan, Golub and LeVeque's: nothing is ever the difference of two large sums,
 * which would cancel near collapse.
 *
 * <p>Not safe for use from several threads; {@link #addInParallel} uses several by itself.
 */
public final class ClassMoments {
  private final int width;
  private final int classes;
  private final long firstSample;
  private final long[] counts;

  /** The mean of a class, null until its first sample: parts of sorted data see few classes. */
  private final double[] @Nullable [] means;

  private final double[] within;
  private long samples;

  public ClassMoments(int width, int classes) {
    this(width, classes, 0);
  }

  /** For a part of a larger pass, whose samples are numbered from {@code firstSample}. */
  private ClassMoments(int width, int classes, long firstSample) {
    if (width <= 0) {
      throw new IllegalArgumentException("width must be > 0, was " + width);
    }
    if (classes <= 0) {
      throw new IllegalArgumentException("classes must be > 0, was " + classes);
    }
    this.width = width;
    this.classes = classes;
    this.firstSample = firstSample;
    this.counts = new long[classes];
    this.means = new double[classes][];
    this.within = new double[classes];
  }

  public int width() {
    return width;
  }

  public int classes() {
    return classes;
  }

  /** The number of samples so far. */
  public long samples() {
    return samples;
  }

  /** Adds all rows of {@code batch}; {@code labels[row]} is the class of a row. */
  public void add(FeatureBatch batch, int[] labels) {
    add(batch, labels, 0, batch.rows());
  }

  /**
   * Adds rows [from, to).
   *
   * @throws InvalidInputException where a label is not in [0, K) or a feature is not finite, naming
   *     the sample by its number from 0 in everything added here
   */
  public void add(FeatureBatch batch, int[] labels, int from, int to) {
    Labels.requireMatch(batch, width, labels, from, to);
    double[] row = new double[width];
    for (int i = from; i < to; i++) {
      int label = Labels.require(labels[i], classes, firstSample + samples);
      batch.copyRow(i, row, 0);
      addRow(label, row);
    }
  }

  /**
   * As {@link #add(FeatureBatch, int[])}, on several threads where that pays. The result depends on
   * the data and its order only, not on the number of threads.
   */
  public void addInParallel(FeatureBatch batch, int[] labels) {
    if (ColumnTiles.suit(width)) {
      addByColumns(batch, labels);
      return;
    }
    RowParts.accumulate(
            0,
            batch.rows(),
            width,
            (long) width * classes,
            (from, to) -> {
              ClassMoments part = new ClassMoments(width, classes, firstSample + samples + from);
              part.add(batch, labels, from, to);
              return part;
            })
        .forEach(this::merge);
  }

  private void addRow(int label, double[] row) {
    double[] mean = means[label];
    double squaredDistance = SquaredDistance.between(row, mean);
    if (!(squaredDistance < Double.POSITIVE_INFINITY)) {
      throw notFinite(row);
    }
    long count = ++counts[label];
    if (mean == null) {
      means[label] = row.clone();
    } else {
      double weight = 1.0 / count;
      for (int j = 0; j < mean.length; j++) {
        mean[j] += (row[j] - mean[j]) * weight;
      }
      within[label] += squaredDistance * (count - 1) * weight;
    }
    samples++;
  }

  /** The recurrence of {@link #addRow} tile by tile: only the distances need all columns. */
  private void addByColumns(FeatureBatch batch, int[] labels) {
    int rows = batch.rows();
    Labels.requireMatch(batch, width, labels, 0, rows);
    for (int i = 0; i < rows; i++) {
      Labels.require(labels[i], classes, firstSample + samples + i);
    }
    double[] weights = new double[rows];
    for (int i = 0; i < rows; i++) {
      int label = labels[i];
      weights[i] = 1.0 / ++counts[label];
      if (means[label] == null) {
        means[label] = new double[width];
      }
    }
    double[] squaredDistances =
        ColumnTiles.add(width, rows, (from, to) -> addColumns(batch, labels, weights, from, to));
    for (int i = 0; i < rows; i++) {
      if (!(squaredDistances[i] < Double.POSITIVE_INFINITY)) {
        double[] row = new double[width];
        batch.copyRow(i, row, 0);
        throw notFinite(row);
      }
      within[labels[i]] += squaredDistances[i] * (1 - weights[i]);
      samples++;
    }
  }

  /** Moves columns [from, to) of the means, and gives every row's squared distance there. */
  private double[] addColumns(
      FeatureBatch batch, int[] labels, double[] weights, int from, int to) {
    double[] squaredDistances = new double[labels.length];
    double[] row = new double[to - from];
    for (int i = 0; i < labels.length; i++) {
      double[] mean = Objects.requireNonNull(means[labels[i]]);
      batch.copyRow(i, from, to, row, 0);
      double weight = weights[i];
      for (int j = 0; j < row.length; j++) {
        row[j] -= mean[from + j];
        mean[from + j] += row[j] * weight;
      }
      squaredDistances[i] = SquaredDistance.between(row, null);
    }
    return squaredDistances;
  }

  private InvalidInputException notFinite(double[] row) {
    long sample = firstSample + samples;
    for (int j = 0; j < row.length; j++) {
      if (!Double.isFinite(row[j])) {
        return new InvalidInputException(
            "sample %d: feature %d is %s, expected a finite value".formatted(sample, j, row[j]));
      }
    }
    return new InvalidInputException(
        "sample %d: its squared distance to the class mean is beyond double".formatted(sample));
  }

  /** Adds the samples of {@code other}, which stays as it is: exact for disjoint parts. */
  public void merge(ClassMoments other) {
    if (other.width != width || other.classes != classes) {
      throw new IllegalArgumentException(
          "cannot merge moments of %d classes x %d and %d classes x %d"
              .formatted(classes, width, other.classes, other.width));
    }
    for (int k = 0; k < classes; k++) {
      mergeClass(k, other.counts[k], other.means[k], other.within[k]);
    }
    samples += other.samples;
  }

  /**
   * Adds a disjoint part of the data that was summed elsewhere.
   *
   * @param counts n_k of the part
   * @param means mu_k of the part, row after row; of an empty class anything
   * @param withins {@code sum_{i in k} ||z_i - mu_k||^2} of the part
   */
  public void addPart(long[] counts, double[] means, double[] withins) {
    if (counts.length != classes || withins.length != classes || means.length != classes * width) {
      throw new IllegalArgumentException(
          "expected %d counts, variations and means of width %d, found %d, %d and %d values"
              .formatted(classes, width, counts.length, withins.length, means.length));
    }
    for (int k = 0; k < classes; k++) {
      if (counts[k] > 0) {
        double[] mean = Arrays.copyOfRange(means, k * width, (k + 1) * width);
        mergeClass(k, counts[k], mean, withins[k]);
        samples += counts[k];
      }
    }
  }

  private void mergeClass(
      int k, long otherCount, double @Nullable [] otherMean, double otherWithin) {
    double[] mean = means[k];
    if (otherMean == null) {
      return;
    }
    if (mean == null) {
      means[k] = otherMean.clone();
      within[k] = otherWithin;
    } else {
      double count = counts[k] + otherCount;
      double between = SquaredDistance.between(otherMean, mean);
      for (int j = 0; j < mean.length; j++) {
        mean[j] += (otherMean[j] - mean[j]) * (otherCount / count);
      }
      within[k] += otherWithin + between * (counts[k] * (otherCount / count));
    }
    counts[k] += otherCount;
  }

  /**
   * What was measured so far.
   *
   * @throws InvalidInputException where a class has no samples: its mean is not defined
   */
  public ClusterStatistics statistics() {
    double[] rows = new double[Math.multiplyExact(classes, width)];
    for (int k = 0; k < classes; k++) {
      double[] mean = means[k];
      if (mean == null) {
        throw new InvalidInputException(
            "class %d has no samples (%d classes, numbered from 0, and %d samples)"
                .formatted(k, classes, samples));
      }
      System.arraycopy(mean, 0, rows, k * width, width);
    }
    return new ClusterStatistics(width, counts, rows, within);
  }

  /** As {@link #statistics()}, without the classes that have no samples. */
  public ClusterStatistics statisticsOfOccupied() {
    int[] occupied = IntStream.range(0, classes).filter(k -> counts[k] > 0).toArray();
    ClassMoments kept = new ClassMoments(width, Math.max(1, occupied.length));
    for (int c = 0; c < occupied.length; c++) {
      int k = occupied[c];
      kept.mergeClass(c, counts[k], means[k], within[k]);
    }
    kept.samples = samples;
    return kept.statistics();
  }

  @Override
  public String toString() {
    return "ClassMoments[%d samples, %d classes, width %d]".formatted(samples, classes, width);
  }
}
