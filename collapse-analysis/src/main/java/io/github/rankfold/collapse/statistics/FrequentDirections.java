package io.github.rankfold.collapse.statistics;

import io.github.rankfold.collapse.linalg.Matrix;
import io.github.rankfold.collapse.linalg.Precision;
import io.github.rankfold.collapse.linalg.Spectrum;
import io.github.rankfold.collapse.linalg.Svd;
import java.util.Arrays;

/**
 * A sketch B of rows Z [N x m], fed batch by batch, whose singular values are those of Z up to an
 * error that is known:
 *
 * <pre>
 *   s_i(B)^2 &lt;= s_i(Z)^2 &lt;= s_i(B)^2 + Delta,   Delta &lt;= min_{k&lt;l} sum_{i&gt;k} s_i(Z)^2 / (l - k)
 * </pre>
 *
 * <p>Frequent Directions: Ghashami, Liberty, Phillips, Woodruff 2016, arXiv 1501.01711. Rows are
 * gathered; where there are 4 l of them, the squared singular value number l + 1 is taken off all,
 * which leaves l rows. What is taken off in one step is at most that number times the identity, so
 * Delta is the sum of these numbers. O(l m) memory, O(l m) time a row.
 */
public final class FrequentDirections {
  private static final int ROWS_FOR_A_DIRECTION = 4;

  private final int width;
  private final int directions;
  private final double[] buffer;
  private int filled;
  private double shrunk;
  private double total;

  /**
   * @param width m
   * @param directions l
   */
  public FrequentDirections(int width, int directions) {
    if (width <= 0 || directions <= 0) {
      throw new IllegalArgumentException(
          "width and directions must be > 0, were %d and %d".formatted(width, directions));
    }
    this.width = width;
    this.directions = directions;
    this.buffer =
        new double[Math.multiplyExact(width, Math.multiplyExact(ROWS_FOR_A_DIRECTION, directions))];
  }

  /** Adds rows, one after the other. */
  public void add(float[] rows) {
    if (rows.length % width != 0) {
      throw new IllegalArgumentException(
          "%d values are no whole number of rows of width %d".formatted(rows.length, width));
    }
    for (int from = 0; from < rows.length; from += width) {
      if (filled == ROWS_FOR_A_DIRECTION * directions) {
        shrink();
      }
      double sum = 0;
      for (int j = 0; j < width; j++) {
        double value = rows[from + j];
        buffer[filled * width + j] = value;
        sum += value * value;
      }
      total += sum;
      filled++;
    }
  }

  private Matrix rows() {
    return Matrix.owning(filled, width, Arrays.copyOf(buffer, filled * width));
  }

  /** {@code B B^T = U diag(s^2) U^T} gives the directions {@code U^T B}, of lengths s. */
  private void shrink() {
    Matrix rows = rows();
    Svd squares = Svd.of(rows.timesTransposed(rows), Precision.FLOAT64);
    double least = squares.spectrum().value(directions);
    double[] factors = new double[directions];
    for (int i = 0; i < directions; i++) {
      double square = squares.spectrum().value(i);
      factors[i] = square > least ? Math.sqrt((square - least) / square) : 0;
    }
    double[] kept =
        squares
            .u()
            .leadingColumns(directions)
            .columnsScaled(factors)
            .transposedTimes(rows)
            .toDoubles();
    System.arraycopy(kept, 0, buffer, 0, kept.length);
    filled = directions;
    shrunk += least;
  }

  /** The singular values of B, descending; those of Z where {@link #error} is 0. */
  public Spectrum spectrum() {
    Matrix rows = rows();
    double[] values =
        Spectrum.of(rows.timesTransposed(rows), Precision.FLOAT64).toArray(); // squared
    double[] roots = Arrays.stream(values).map(Math::sqrt).limit(width).toArray();
    return Spectrum.ofValues(filled, width, roots);
  }

  /** Delta. */
  public double error() {
    return shrunk;
  }

  /** {@code ||Z||_F^2}, exactly. */
  public double total() {
    return total;
  }
}
