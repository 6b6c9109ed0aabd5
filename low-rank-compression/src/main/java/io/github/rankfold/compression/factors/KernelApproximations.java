package io.github.rankfold.compression.factors;

import io.github.rankfold.collapse.linalg.Cholesky;
import io.github.rankfold.collapse.linalg.Matrix;
import io.github.rankfold.collapse.linalg.Precision;
import io.github.rankfold.collapse.linalg.Spectrum;
import io.github.rankfold.collapse.linalg.Svd;
import io.github.rankfold.collapse.probe.KernelMoments;
import io.github.rankfold.collapse.probe.KernelSpectra;
import io.github.rankfold.collapse.statistics.SecondMoments;
import io.github.rankfold.models.layers.Layer;
import java.util.Arrays;
import java.util.Optional;

/**
 * The best approximations of one kernel at every rank, in one norm: one SVD serves them all.
 *
 * <p>With {@code C = T T^T} the second moment of the inputs and {@code F = S S^T} that of the
 * output's derivatives, {@code ||T^T (W - W') S||_F} is least for the truncated SVD of {@code T^T W
 * S = U D V^T}; undoing the roots gives {@code left = T^-T U D}, {@code right = V^T S^-1}. The
 * approximation of rank r has the first r columns and rows of the two.
 */
public final class KernelApproximations {
  /** Directions that no input has are not free: they may be met by other inputs. */
  private static final double INPUT_DAMPING = 1e-4;

  /** So much of every direction of the pre-activation is taken to matter. */
  private static final double OUTPUT_DAMPING = 1;

  private final Layer layer;
  private final Matrix kernel;
  private final Spectrum spectrum;
  private final Matrix left;
  private final Matrix right;
  private final Optional<Matrix> mean;

  private KernelApproximations(
      Layer layer,
      Matrix kernel,
      Spectrum spectrum,
      Matrix left,
      Matrix right,
      Optional<Matrix> mean) {
    this.layer = layer;
    this.kernel = kernel;
    this.spectrum = spectrum;
    this.left = left;
    this.right = right;
    this.mean = mean;
  }

  /** In the Frobenius norm of the kernel itself. */
  public static KernelApproximations of(Layer layer, Matrix kernel) {
    Svd svd = Svd.of(kernel, KernelSpectra.precision(layer));
    Factorization full = Factorization.of(kernel, svd, svd.spectrum().size());
    return new KernelApproximations(
        layer, kernel, svd.spectrum(), full.left(), full.right(), Optional.empty());
  }

  /**
   * In the norm that {@code weighting} and the data ask for, as far as the moments are known.
   *
   * @param centred whether the mean of what is taken away can be given back, so that only the
   *     inputs' variation around their mean counts
   */
  public static KernelApproximations of(
      Layer layer, Matrix kernel, KernelMoments moments, Weighting weighting, boolean centred) {
    boolean known = moments.inputs().isPresent() || moments.lookups().isPresent();
    if (weighting == Weighting.NONE || !known) {
      return of(layer, kernel);
    }
    Root input = inputRoot(moments, centred);
    Root output =
        weighting == Weighting.OUTPUTS && moments.sensitivity().isPresent()
            ? Root.of(moments.sensitivity().get(), OUTPUT_DAMPING)
            : Root.identity();
    Svd svd = Svd.of(output.times(input.transposedTimes(kernel)), Precision.FLOAT64);
    double[] values = svd.spectrum().toArray();
    Matrix left = input.undoTransposed(svd.u().transpose().rowsScaled(values).transpose());
    Matrix right = output.undoRight(svd.vt());
    double[] balance = balance(left, right);
    double[] inverse = Arrays.stream(balance).map(factor -> 1 / factor).toArray();
    return new KernelApproximations(
        layer,
        kernel,
        svd.spectrum(),
        left.transpose().rowsScaled(balance).transpose(),
        right.rowsScaled(inverse),
        centred ? moments.inputs().map(SecondMoments::mean) : Optional.empty());
  }

  private static Root inputRoot(KernelMoments moments, boolean centred) {
    if (moments.lookups().isPresent()) {
      return Root.diagonal(moments.lookups().get(), INPUT_DAMPING);
    }
    SecondMoments inputs = moments.inputs().orElseThrow();
    return Root.of(centred ? inputs.covariance() : inputs.uncentred(), INPUT_DAMPING);
  }

  /** Factors that make each column of the left one as long as its row of the right one. */
  private static double[] balance(Matrix left, Matrix right) {
    double[] factors = new double[left.cols()];
    for (int j = 0; j < factors.length; j++) {
      double leftNorm = Matrix.of(1, left.rows(), left.column(j)).frobeniusNorm();
      double rightNorm = Matrix.of(1, right.cols(), right.row(j)).frobeniusNorm();
      factors[j] = leftNorm > 0 && rightNorm > 0 ? Math.sqrt(rightNorm / leftNorm) : 1;
    }
    return factors;
  }

  public Layer layer() {
    return layer;
  }

  /** W [m x n]. */
  public Matrix kernel() {
    return kernel;
  }

  /** The singular values in the norm of these approximations. */
  public Spectrum spectrum() {
    return spectrum;
  }

  /** The one of this rank, from 1 to the full one. */
  public Factorization at(int rank) {
    return new Factorization(left.leadingColumns(rank), right.leadingRows(rank));
  }

  /** The decision for the approximation of this rank; its mean is not given back. */
  public LayerDecision decision(int rank) {
    return decision(at(rank));
  }

  /** As above, for other factors in its place. */
  public LayerDecision decision(Factorization factors) {
    double error = kernel.minus(factors.left().times(factors.right())).frobeniusNorm();
    return LayerDecision.factored(layer, spectrum, factors, error * error);
  }

  /** The mean of the inputs [1 x m], where these approximations leave it out of account. */
  public Optional<Matrix> mean() {
    return mean;
  }

  /** {@code mean (W - W')} [1 x n], which {@code factors} take away from the layer's output. */
  public Optional<Matrix> lostMean(Factorization factors) {
    return mean.map(m -> m.times(kernel).minus(m.times(factors.left()).times(factors.right())));
  }

  /** A root of a second moment: a matrix, a diagonal, or nothing at all. */
  private interface Root {
    Matrix transposedTimes(Matrix kernel);

    Matrix times(Matrix kernel);

    Matrix undoTransposed(Matrix left);

    Matrix undoRight(Matrix right);

    static Root of(Matrix moment, double damping) {
      Cholesky cholesky = Cholesky.of(moment, damping);
      return new Root() {
        @Override
        public Matrix transposedTimes(Matrix kernel) {
          return cholesky.root().transposedTimes(kernel);
        }

        @Override
        public Matrix times(Matrix kernel) {
          return kernel.times(cholesky.root());
        }

        @Override
        public Matrix undoTransposed(Matrix left) {
          return cholesky.undoTransposed(left);
        }

        @Override
        public Matrix undoRight(Matrix right) {
          return cholesky.undoRight(right);
        }
      };
    }

    static Root diagonal(Matrix moment, double damping) {
      double[] values = moment.toDoubles();
      double mean = Math.max(Arrays.stream(values).average().orElse(1), Double.MIN_NORMAL);
      double[] roots = Arrays.stream(values).map(v -> Math.sqrt(v + damping * mean)).toArray();
      double[] inverse = Arrays.stream(roots).map(root -> 1 / root).toArray();
      return new Root() {
        @Override
        public Matrix transposedTimes(Matrix kernel) {
          return kernel.rowsScaled(roots);
        }

        @Override
        public Matrix times(Matrix kernel) {
          return kernel.transpose().rowsScaled(roots).transpose();
        }

        @Override
        public Matrix undoTransposed(Matrix left) {
          return left.rowsScaled(inverse);
        }

        @Override
        public Matrix undoRight(Matrix right) {
          return right.transpose().rowsScaled(inverse).transpose();
        }
      };
    }

    static Root identity() {
      return new Root() {
        @Override
        public Matrix transposedTimes(Matrix kernel) {
          return kernel;
        }

        @Override
        public Matrix times(Matrix kernel) {
          return kernel;
        }

        @Override
        public Matrix undoTransposed(Matrix left) {
          return left;
        }

        @Override
        public Matrix undoRight(Matrix right) {
          return right;
        }
      };
    }
  }
}
