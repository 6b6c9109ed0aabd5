package io.github.rankfold.compression.factors;

import io.github.rankfold.collapse.linalg.GramSvd;
import io.github.rankfold.collapse.linalg.Matrix;
import io.github.rankfold.collapse.linalg.MatrixRows;
import io.github.rankfold.collapse.linalg.Precision;
import io.github.rankfold.collapse.linalg.Spectrum;
import io.github.rankfold.collapse.linalg.Svd;
import java.util.function.IntFunction;

/**
 * What one decomposition of a kernel gives: its singular values, and its factors at any rank.
 *
 * <p>A kernel of single precision or less is decomposed by its Gram matrix, which takes a quarter
 * of the time and loses nothing that floats have; one of double precision by LAPACK's SVD.
 */
public final class Truncation {
  private final Spectrum spectrum;
  private final IntFunction<Factorization> factors;

  private Truncation(Spectrum spectrum, IntFunction<Factorization> factors) {
    this.spectrum = spectrum;
    this.factors = factors;
  }

  /**
   * Decomposes a kernel once, for all ranks.
   *
   * @param kernel read now, and whenever the larger one of its factors is asked for
   * @param precision of the kernel's values
   */
  public static Truncation of(MatrixRows kernel, Precision precision) {
    if (precision == Precision.FLOAT32) {
      GramSvd svd = GramSvd.of(kernel);
      return new Truncation(svd.spectrum(), rank -> Factorization.of(kernel, svd, rank));
    }
    Matrix values = kernel.toMatrix();
    Svd svd = Svd.of(values, precision);
    return new Truncation(svd.spectrum(), rank -> Factorization.of(values, svd, rank));
  }

  /** All singular values. */
  public Spectrum spectrum() {
    return spectrum;
  }

  /** The nearest matrix of this rank, as two factors in the kernel's precision. */
  public Factorization factors(int rank) {
    return factors.apply(rank);
  }
}
