package io.github.rankfold.collapse.probe;

import io.github.rankfold.collapse.linalg.Matrix;
import io.github.rankfold.collapse.linalg.Precision;
import io.github.rankfold.collapse.linalg.RankTolerance;
import io.github.rankfold.collapse.linalg.Spectrum;
import io.github.rankfold.collapse.statistics.ClusterStatistics;
import io.github.rankfold.collapse.statistics.FrequentDirections;
import io.github.rankfold.models.live.TensorValues;
import java.util.Arrays;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.op.linalg.MatMul;
import org.tensorflow.proto.DataType;
import org.tensorflow.types.family.TNumber;

/**
 * The singular values of all samples' features Z [N x m], their mean taken off.
 *
 * @param spectrum of Z, or of its sketch
 * @param method {@code gram}: the roots of the eigenvalues of {@code Z^T Z} [m x m]; {@code
 *     frequent_directions}: those of {@link FrequentDirections}
 * @param error of a squared singular value, relative to the largest squared: rounding where it is
 *     {@code gram}; where it is a sketch, no {@code s_i^2} of Z is below the sketch's, or above it
 *     by more than this
 * @param stableRank {@code ||Z||_F^2 / s_1^2}, the numerator exact
 */
public record FeatureSpectrum(Spectrum spectrum, String method, double error, double stableRank) {

  /** Up to this width Z^T Z is formed: wider than that it costs more than the network. */
  private static final int LARGEST_GRAM = 1024;

  private static final int MOST_DIRECTIONS = 64;
  private static final int FEWEST_DIRECTIONS = 16;

  /** Values in so many directions as are kept of wide features. */
  private static final int SKETCH_VALUES = 1 << 22;

  /**
   * How many singular values are certainly above a share of the largest: all that are, where the
   * method is {@code gram}.
   */
  public int rank(double share) {
    double largest = spectrum.largest() * Math.sqrt(method.equals("gram") ? 1 : 1 + error);
    return spectrum.rank(RankTolerance.absolute(share * largest));
  }

  /** Sums what the spectrum is taken of, over a pass. */
  interface Accumulator {
    FeatureSpectrum result();

    /**
     * Adds the sums to a plan.
     *
     * @param features [B, m]
     */
    static Accumulator add(
        PassPlan plan, Ops tf, Operand<TNumber> features, ClusterStatistics statistics) {
      int width = statistics.width();
      Matrix mean = Matrix.owning(1, width, statistics.mean());
      Operand<TNumber> centred =
          tf.math.sub(
              features, GraphWithin.FedMatrix.add(plan, tf, mean, features.type()).operand());
      return width <= LARGEST_GRAM ? gram(plan, tf, centred, width) : sketch(plan, centred, width);
    }

    private static Accumulator gram(PassPlan plan, Ops tf, Operand<TNumber> centred, int width) {
      double[] sums = new double[Math.multiplyExact(width, width)];
      double epsilon =
          centred.asOutput().dataType() == DataType.DT_DOUBLE
              ? Precision.FLOAT64.epsilon()
              : Precision.FLOAT32.epsilon();
      int at = plan.fetch(tf.linalg.matMul(centred, centred, MatMul.transposeA(true)));
      plan.read(batch -> TensorValues.addTo(batch.get(at), sums));
      return () -> {
        double[] values =
            Arrays.stream(Spectrum.of(Matrix.of(width, width, sums), Precision.FLOAT64).toArray())
                .map(Math::sqrt)
                .toArray();
        Spectrum spectrum = Spectrum.ofValues(width, width, values);
        return new FeatureSpectrum(spectrum, "gram", epsilon, spectrum.stableRank());
      };
    }

    private static Accumulator sketch(PassPlan plan, Operand<TNumber> centred, int width) {
      int directions =
          Math.max(FEWEST_DIRECTIONS, Math.min(MOST_DIRECTIONS, SKETCH_VALUES / width));
      FrequentDirections sketch = new FrequentDirections(width, directions);
      int at = plan.fetch(centred);
      plan.read(batch -> sketch.add(TensorValues.toFloats(batch.get(at))));
      return () -> {
        Spectrum spectrum = sketch.spectrum();
        double square = spectrum.largest() * spectrum.largest();
        return new FeatureSpectrum(
            spectrum,
            "frequent_directions",
            square == 0 ? 0 : sketch.error() / square,
            square == 0 ? 0 : sketch.total() / square);
      };
    }
  }
}
