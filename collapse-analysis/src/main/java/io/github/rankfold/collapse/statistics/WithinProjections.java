package io.github.rankfold.collapse.statistics;

import io.github.rankfold.collapse.linalg.Matrix;
import io.github.rankfold.models.InvalidInputException;

/**
 * The second pass over the data: samples projected on the span of the centred class means.
 *
 * <p>With the eigenpairs (e_j, u_j) of S_B, thin U [m x (K-1)], every sample gives {@code y = (z -
 * mu_label) U}. From these come
 *
 * <ul>
 *   <li>{@code u_j S_W u_j^T = (1/N) sum_i y_ij^2}, hence {@code tr(S_W pinv(S_B))} in O(m K)
 *       memory;
 *   <li>the nearest class mean, for NC4: distances to the means differ inside span U only, {@code
 *       ||z - mu_j||^2 = ||y + (mu_label - mu_j) U||^2 + const}.
 * </ul>
 *
 * <p>The mean is taken off before the product: the other way round cancels near collapse.
 */
public final class WithinProjections {
  private final ClusterStatistics statistics;
  private final BetweenClassBasis basis;

  /** {@code (mu_k - mu_G) U} as rows [K x dimension]. */
  private final Matrix coordinates;

  private final double[] squaredNorms;
  private final double[] sumsOfSquares;
  private final long firstSample;
  private long samples;
  private long predicted;
  private long mismatches;

  /** Of the block before: a new one for each block would be most of the memory of a pass. */
  private double[] projected = new double[0];

  private double[] products = new double[0];

  /** For a pass over data whose class means, from the first pass, are {@code statistics}. */
  public WithinProjections(ClusterStatistics statistics) {
    this(statistics, BetweenClassBasis.of(statistics));
  }

  private WithinProjections(ClusterStatistics statistics, BetweenClassBasis basis) {
    this(statistics, basis, statistics.centredMeans().timesTransposed(basis.vectors()));
  }

  private WithinProjections(
      ClusterStatistics statistics, BetweenClassBasis basis, Matrix coordinates) {
    this(statistics, basis, coordinates, squaredNormsOfRows(coordinates), 0);
  }

  private WithinProjections(
      ClusterStatistics statistics,
      BetweenClassBasis basis,
      Matrix coordinates,
      double[] squaredNorms,
      long firstSample) {
    this.statistics = statistics;
    this.basis = basis;
    this.coordinates = coordinates;
    this.squaredNorms = squaredNorms;
    this.sumsOfSquares = new double[basis.dimension()];
    this.firstSample = firstSample;
  }

  private static double[] squaredNormsOfRows(Matrix matrix) {
    double[] squares = new double[matrix.rows()];
    for (int i = 0; i < squares.length; i++) {
      squares[i] = SquaredDistance.between(matrix.row(i), null);
    }
    return squares;
  }

  /** Adds all rows, without predictions: for NC1 alone. */
  public void add(FeatureBatch batch, int[] labels) {
    add(batch, labels, new int[0], 0, batch.rows());
  }

  /** Adds all rows; {@code predictions[row]} is the class that the network predicts. */
  public void add(FeatureBatch batch, int[] labels, int[] predictions) {
    requirePredictions(batch, predictions);
    add(batch, labels, predictions, 0, batch.rows());
  }

  /** As {@link #add(FeatureBatch, int[])}, on several threads where that pays. */
  public void addInParallel(FeatureBatch batch, int[] labels) {
    addParts(batch, labels, new int[0]);
  }

  /** As {@link #add(FeatureBatch, int[], int[])}, on several threads where that pays. */
  public void addInParallel(FeatureBatch batch, int[] labels, int[] predictions) {
    requirePredictions(batch, predictions);
    addParts(batch, labels, predictions);
  }

  /**
   * Adds rows that were projected elsewhere: {@code (z - mu_label) U} [rows x dimension]; {@code
   * predictions[row]} is the class that the network predicts.
   */
  public void addProjected(double[] projected, int[] labels, int[] predictions) {
    int rows = labels.length;
    if (projected.length != rows * sumsOfSquares.length || predictions.length != rows) {
      throw new IllegalArgumentException(
          "expected %d rows of %d projections, found %d values and %d predictions"
              .formatted(rows, sumsOfSquares.length, projected.length, predictions.length));
    }
    double[] copy = projected.clone();
    addSquares(copy, rows);
    countMismatches(copy, rows, labels, predictions, 0);
    samples += rows;
  }

  /** U as rows u_j [dimension x m]. */
  public Matrix directions() {
    return basis.vectors();
  }

  private static void requirePredictions(FeatureBatch batch, int[] predictions) {
    if (predictions.length != batch.rows()) {
      throw new IllegalArgumentException(
          "expected %d predictions for %d samples, found %d"
              .formatted(batch.rows(), batch.rows(), predictions.length));
    }
  }

  private void addParts(FeatureBatch batch, int[] labels, int[] predictions) {
    if (ColumnTiles.suit(statistics.width())) {
      addByColumns(batch, labels, predictions);
      return;
    }
    RowParts.accumulate(
            0,
            batch.rows(),
            statistics.width(),
            (long) CentredBlocks.ROWS * statistics.width(),
            (from, to) -> {
              WithinProjections part =
                  new WithinProjections(
                      statistics, basis, coordinates, squaredNorms, firstSample + samples + from);
              part.add(batch, labels, predictions, from, to);
              return part;
            })
        .forEach(this::merge);
  }

  private void add(FeatureBatch batch, int[] labels, int[] predictions, int from, int to) {
    CentredBlocks.forEach(
        statistics,
        batch,
        labels,
        from,
        to,
        firstSample + samples,
        (start, centred) -> {
          int rows = centred.rows();
          projected = ofSize(rows * basis.dimension(), projected);
          centred.timesTransposed(basis.vectors(), projected);
          addSquares(projected, rows);
          if (predictions.length > 0) {
            countMismatches(projected, rows, labels, predictions, start);
          }
          samples += rows;
        });
  }

  /** The projections of all rows, summed over tiles of columns. */
  private void addByColumns(FeatureBatch batch, int[] labels, int[] predictions) {
    int rows = batch.rows();
    Labels.requireMatch(batch, statistics.width(), labels, 0, rows);
    for (int i = 0; i < rows; i++) {
      Labels.require(labels[i], statistics.clusters(), firstSample + samples + i);
    }
    double[] sums =
        ColumnTiles.add(
            statistics.width(),
            rows * basis.dimension(),
            (from, to) -> projectedColumns(batch, labels, from, to));
    addSquares(sums, rows);
    if (predictions.length > 0) {
      countMismatches(sums, rows, labels, predictions, 0);
    }
    samples += rows;
  }

  /** {@code (z - mu_label) U} [rows x dimension] of columns [from, to) of z and U alone. */
  private double[] projectedColumns(FeatureBatch batch, int[] labels, int from, int to) {
    int dimension = basis.dimension();
    int width = to - from;
    double[] directions = new double[dimension * width];
    for (int j = 0; j < dimension; j++) {
      for (int column = 0; column < width; column++) {
        directions[j * width + column] = basis.vectors().get(j, from + column);
      }
    }
    Matrix tile = Matrix.owning(dimension, width, directions);
    double[] all = new double[labels.length * dimension];
    double[] block = new double[0];
    double[] part = new double[0];
    for (int start = 0; start < labels.length; start += CentredBlocks.ROWS) {
      int rows = Math.min(CentredBlocks.ROWS, labels.length - start);
      block = ofSize(rows * width, block);
      part = ofSize(rows * dimension, part);
      for (int i = 0; i < rows; i++) {
        batch.copyRow(start + i, from, to, block, i * width);
        statistics.subtractMean(labels[start + i], from, to, block, i * width);
      }
      Matrix.owning(rows, width, block).timesTransposed(tile, part);
      System.arraycopy(part, 0, all, start * dimension, part.length);
    }
    return all;
  }

  private static double[] ofSize(int size, double[] before) {
    return before.length == size ? before : new double[size];
  }

  private void addSquares(double[] projected, int rows) {
    int dimension = sumsOfSquares.length;
    for (int i = 0; i < rows; i++) {
      double sum = 0;
      for (int j = 0; j < dimension; j++) {
        double y = projected[i * dimension + j];
        sumsOfSquares[j] += y * y;
        sum += y * y;
      }
      if (!(sum < Double.POSITIVE_INFINITY)) {
        throw new InvalidInputException(
            "sample %d: its features are not finite".formatted(firstSample + samples + i));
      }
    }
  }

  /** The nearest mean has the least {@code ||c_j||^2 - 2 <q, c_j>}; the first of equals wins. */
  private void countMismatches(
      double[] projected, int rows, int[] labels, int[] predictions, int start) {
    int dimension = sumsOfSquares.length;
    int clusters = statistics.clusters();
    double[] q = projected; // relative to mu_G from here on
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < dimension; j++) {
        q[i * dimension + j] += coordinates.get(labels[start + i], j);
      }
    }
    products = ofSize(rows * clusters, products);
    Matrix.owning(rows, dimension, q).timesTransposed(coordinates, products);
    for (int i = 0; i < rows; i++) {
      int nearest = 0;
      double least = Double.POSITIVE_INFINITY;
      for (int k = 0; k < clusters; k++) {
        double score = squaredNorms[k] - 2 * products[i * clusters + k];
        if (score < least) {
          least = score;
          nearest = k;
        }
      }
      if (nearest != predictions[start + i]) {
        mismatches++;
      }
    }
    predicted += rows;
  }

  /** Adds the samples of {@code other}, a pass over other data with the same class means. */
  public void merge(WithinProjections other) {
    if (other.statistics != statistics) {
      throw new IllegalArgumentException("cannot merge projections around different class means");
    }
    for (int j = 0; j < sumsOfSquares.length; j++) {
      sumsOfSquares[j] += other.sumsOfSquares[j];
    }
    samples += other.samples;
    predicted += other.predicted;
    mismatches += other.mismatches;
  }

  /** A new accumulator around the same class means, to be merged into this one. */
  public WithinProjections another() {
    return new WithinProjections(statistics, basis, coordinates, squaredNorms, 0);
  }

  /** The class means that samples are taken relative to. */
  public ClusterStatistics statistics() {
    return statistics;
  }

  public long samples() {
    return samples;
  }

  /** The number of directions u_j: at most K - 1. */
  public int dimension() {
    return sumsOfSquares.length;
  }

  /** e_j, the variance of the class means along u_j; descending. */
  public double between(int j) {
    return basis.eigenvalue(j);
  }

  /** {@code u_j S_W u_j^T}, the variance within the classes along u_j. */
  public double within(int j) {
    return sumsOfSquares[j] / samples;
  }

  /** Of {@link #predicted} samples, those whose nearest class mean is not the predicted class's. */
  public long mismatches() {
    return mismatches;
  }

  /** The number of samples that came with a prediction. */
  public long predicted() {
    return predicted;
  }
}
