package io.github.rankfold.compression.factors;

import io.github.rankfold.collapse.linalg.Matrix;
import io.github.rankfold.collapse.linalg.Precision;
import io.github.rankfold.collapse.linalg.Spectrum;
import io.github.rankfold.collapse.linalg.Svd;
import io.github.rankfold.models.layers.Layer;
import io.github.rankfold.models.layers.MatrixView;
import java.util.List;
import java.util.Optional;

/**
 * The kernel K [kh, kw, Ci, Co] of a convolution, taken apart along its two channel axes: {@code K
 * ~ core x_Ci A x_Co B} with A [Ci x r1], B [Co x r2] of orthonormal columns and a core [kh, kw,
 * r1, r2].
 *
 * <p>Tucker-2 of Kim et al., arXiv 1511.06530: A and B are the leading left singular vectors of the
 * two unfoldings (HOSVD), improved by one step of HOOI, which takes each of them anew from the
 * kernel that the other one leaves. The core is the kernel projected onto both, so that what is
 * discarded has the squared norm {@code ||K||^2 - ||core||^2}.
 */
public final class TuckerDecomposition {
  private static final List<Integer> INPUT_FIRST = List.of(1, 0, 2);

  private final int filter;
  private final int inputs;
  private final int outputs;
  private final Precision precision;
  private final Matrix kernel;
  private final Svd input;
  private final Svd output;

  /**
   * Takes a kernel apart.
   *
   * @param kernel as patches, [kh kw Ci x Co]
   */
  public TuckerDecomposition(Layer layer, Matrix kernel, Precision precision) {
    List<Integer> shape = layer.shape();
    this.filter = shape.get(0) * shape.get(1);
    this.inputs = shape.get(2);
    this.outputs = shape.get(3);
    this.precision = precision;
    this.kernel = kernel;
    this.input = Svd.of(inputUnfolding(kernel), precision);
    this.output = Svd.of(kernel, precision);
  }

  /** The singular values of the kernel as [Ci x kh kw Co]. */
  public Spectrum inputSpectrum() {
    return input.spectrum();
  }

  /** The singular values of the kernel as [kh kw Ci x Co]. */
  public Spectrum outputSpectrum() {
    return output.spectrum();
  }

  /** The factors of these ranks; one that the other one cannot fill is lowered. */
  public Factorization factors(int wantedInputRank, int wantedOutputRank) {
    int inputRank = Math.min(wantedInputRank, filter * wantedOutputRank);
    int outputRank = Math.min(wantedOutputRank, filter * inputRank);
    Matrix a = orthonormal(input.u().leadingColumns(inputRank));
    Matrix b = orthonormal(output.vt().leadingRows(outputRank).transpose());
    if (inputRank < input.spectrum().size() || outputRank < output.spectrum().size()) {
      Svd again = Svd.of(inputUnfolding(kernel.times(b)), precision);
      a = orthonormal(again.u().leadingColumns(inputRank));
      Svd anew = Svd.of(projected(a), precision);
      b = orthonormal(anew.vt().leadingRows(outputRank).transpose());
    }
    return new Factorization(
        a, b.transpose(), ConvolutionForm.TUCKER, Optional.of(projected(a).times(b)));
  }

  /** A matrix [kh kw Ci x n] as [Ci x kh kw n]. */
  private Matrix inputUnfolding(Matrix patches) {
    int columns = patches.cols();
    double[] values =
        MatrixView.permuted(patches.toDoubles(), List.of(filter, inputs, columns), INPUT_FIRST);
    return Matrix.owning(inputs, filter * columns, values);
  }

  /** The kernel with A^T along its input channels, [kh kw r1 x Co]. */
  private Matrix projected(Matrix a) {
    Matrix unfolded = a.transposedTimes(inputUnfolding(kernel));
    double[] values =
        MatrixView.permuted(unfolded.toDoubles(), List.of(a.cols(), filter, outputs), INPUT_FIRST);
    return Matrix.owning(filter * a.cols(), outputs, values);
  }

  /** As in {@link Factorization#of}: singular vectors of single precision are not quite that. */
  private static Matrix orthonormal(Matrix vectors) {
    Matrix gram = vectors.transposedTimes(vectors);
    return vectors.times(Matrix.identity(vectors.cols()).scaled(1.5).plusScaled(-0.5, gram));
  }
}
