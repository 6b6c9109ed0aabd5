package io.github.rankfold.collapse.probe;

import io.github.rankfold.collapse.statistics.ClassMoments;
import io.github.rankfold.models.live.TensorValues;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.family.TNumber;

/**
 * The cluster moments of a batch of rows, computed in the graph: [C x m] leaves it, not the rows.
 *
 * <p>With the batch's own cluster means M_c, rounded as they are, {@code v_i = z_i - M_c}: fetched
 * are M, {@code S_c = sum v_i} and {@code Q_c = sum ||v_i||^2}. Then the mean of the batch is
 * {@code M_c + S_c/n_c}, in double, and the sum of squares around it {@code Q_c - n_c
 * ||S_c/n_c||^2}, where nothing cancels as S is rounding only. Batches are merged as disjoint
 * parts.
 */
final class GraphMoments {
  private final ClusterOps clusters;
  private final int width;
  private final long positions;
  private final Operand<TNumber> means;
  private final Operand<TNumber> corrections;
  private final Operand<TNumber> squares;

  /**
   * @param rows [B, positions, width], all positions of one input in its cluster
   */
  GraphMoments(ClusterOps clusters, Operand<TNumber> rows, long positions, int width) {
    this.clusters = clusters;
    this.width = width;
    this.positions = positions;
    Ops tf = clusters.tf();
    Operand<TNumber> count =
        tf.math.mul(
            tf.math.maximum(clusters.counts(), tf.onesLike(clusters.counts())),
            tf.dtypes.cast(tf.constant((double) positions), rows.type()));
    this.means = tf.math.div(clusters.sums(summed(tf, rows)), count);
    Operand<TNumber> centred =
        positions == 1
            ? tf.math.sub(vectors(tf, rows), clusters.ofEach(means))
            : tf.math.sub(rows, tf.expandDims(clusters.ofEach(means), tf.constant(1)));
    this.corrections = clusters.sums(positions == 1 ? centred : summed(tf, centred));
    Operand<TNumber> norms =
        tf.reduceSum(
            tf.math.square(centred),
            tf.constant(positions == 1 ? new int[] {1} : new int[] {1, 2}));
    this.squares = clusters.sums(tf.reshape(norms, tf.constant(new int[] {-1, 1})));
  }

  /** Of rows [B, width] that are in clusters by themselves. */
  static GraphMoments ofVectors(ClusterOps clusters, Operand<TNumber> rows, int width) {
    return new GraphMoments(clusters, rows, 1, width);
  }

  private Operand<TNumber> vectors(Ops tf, Operand<TNumber> rows) {
    return tf.reshape(rows, tf.constant(new int[] {-1, width}));
  }

  /** Summed over the positions, [B, m]. */
  private Operand<TNumber> summed(Ops tf, Operand<TNumber> rows) {
    return positions == 1 ? vectors(tf, rows) : tf.reduceSum(rows, tf.constant(1));
  }

  /** Has every batch of a pass merged into {@code moments}, of the same width and clusters. */
  void into(ClassMoments moments, String layer, PassPlan plan) {
    int countsAt = plan.fetch(clusters.counts());
    int meansAt = plan.fetch(means);
    int correctionsAt = plan.fetch(corrections);
    int squaresAt = plan.fetch(squares);
    plan.read(
        batch -> {
          double[] inputs = TensorValues.toDoubles(batch.get(countsAt));
          double[] mean = TensorValues.toDoubles(batch.get(meansAt));
          double[] correction = TensorValues.toDoubles(batch.get(correctionsAt));
          double[] within = TensorValues.toDoubles(batch.get(squaresAt));
          long[] counts = new long[inputs.length];
          for (int c = 0; c < counts.length; c++) {
            counts[c] = Math.round(inputs[c]) * positions;
            if (counts[c] > 0) {
              within[c] -= shift(mean, correction, c, counts[c]);
            }
            if (!Double.isFinite(within[c])) {
              throw new NotFiniteException(layer);
            }
            within[c] = Math.max(0, within[c]);
          }
          moments.addPart(counts, mean, within);
        });
  }

  /** Moves the mean of cluster c by {@code S_c/n_c}; returns {@code n_c ||S_c/n_c||^2}. */
  private double shift(double[] mean, double[] correction, int c, long count) {
    double squared = 0;
    for (int j = c * width; j < (c + 1) * width; j++) {
      double step = correction[j] / count;
      mean[j] += step;
      squared += step * step;
    }
    return count * squared;
  }
}
