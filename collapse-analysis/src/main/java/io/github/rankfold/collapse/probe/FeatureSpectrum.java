package io.github.rankfold.collapse.probe;

import io.github.rankfold.collapse.linalg.Matrix;
import io.github.rankfold.collapse.linalg.Precision;
import io.github.rankfold.collapse.linalg.Spectrum;
import io.github.rankfold.collapse.statistics.ClusterStatistics;
import io.github.rankfold.models.live.TensorValues;
import java.util.List;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.op.linalg.MatMul;
import org.tensorflow.op.random.RandomStandardNormal;
import org.tensorflow.proto.DataType;
import org.tensorflow.types.family.TNumber;

/**
 * The singular values of all samples' features Z [N x m], their mean taken off.
 *
 * @param spectrum of Z, or of its sketch
 * @param method {@code gram}: the roots of the eigenvalues of {@code Z^T Z} [m x m]; {@code
 *     sketch}: the values of {@code S Z / sqrt(s)} [s x m], S Gaussian [s x N]
 * @param error of a squared singular value: of the largest one where it is {@code gram}, which is
 *     rounding; of the value itself where it is {@code sketch}, {@code sqrt(2/s)}, the standard
 *     error of a mean of s squares of normal numbers
 */
public record FeatureSpectrum(Spectrum spectrum, String method, double error) {

  /** Up to this width Z^T Z is formed: wider than that it costs more than the network. */
  private static final int LARGEST_GRAM = 1024;

  private static final int SKETCH_ROWS = 128;

  /** Sums what the spectrum is taken of, over a pass. */
  static final class Accumulator {
    private final int width;
    private final int rows;
    private final boolean gram;
    private final double[] sums;
    private double epsilon;

    private Accumulator(int width) {
      this.width = width;
      this.gram = width <= LARGEST_GRAM;
      this.rows = gram ? width : SKETCH_ROWS;
      this.sums = new double[Math.multiplyExact(rows, width)];
    }

    /**
     * Adds the sums to a plan.
     *
     * @param features [B, m]
     */
    static Accumulator add(
        PassPlan plan, Ops tf, Operand<TNumber> features, ClusterStatistics statistics, long seed) {
      Accumulator result = new Accumulator(statistics.width());
      Matrix mean = Matrix.owning(1, statistics.width(), statistics.mean());
      Operand<TNumber> centred =
          tf.math.sub(
              features, GraphWithin.FedMatrix.add(plan, tf, mean, features.type()).operand());
      Operand<TNumber> left =
          result.gram
              ? centred
              : tf.random.randomStandardNormal(
                  tf.stack(
                      List.of(
                          tf.gather(tf.shape(features), tf.constant(0), tf.constant(0)),
                          tf.constant(SKETCH_ROWS))),
                  features.type(),
                  RandomStandardNormal.seed(seed),
                  RandomStandardNormal.seed2((long) result.width));
      result.epsilon =
          features.asOutput().dataType() == DataType.DT_DOUBLE
              ? Precision.FLOAT64.epsilon()
              : Precision.FLOAT32.epsilon();
      int at = plan.fetch(tf.linalg.matMul(left, centred, MatMul.transposeA(true)));
      plan.read(
          batch -> {
            double[] values = TensorValues.toDoubles(batch.get(at));
            for (int i = 0; i < values.length; i++) {
              result.sums[i] += values[i];
            }
          });
      return result;
    }

    FeatureSpectrum result() {
      Spectrum found = Spectrum.of(Matrix.of(rows, width, sums), Precision.FLOAT64);
      double[] values = found.toArray();
      double scale = 1 / Math.sqrt(SKETCH_ROWS);
      for (int i = 0; i < values.length; i++) {
        values[i] = gram ? Math.sqrt(values[i]) : values[i] * scale;
      }
      return new FeatureSpectrum(
          Spectrum.ofValues(rows, width, values),
          gram ? "gram" : "sketch",
          gram ? epsilon : Math.sqrt(2.0 / SKETCH_ROWS));
    }
  }
}
