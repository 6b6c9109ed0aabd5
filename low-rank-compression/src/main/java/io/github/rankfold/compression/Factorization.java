package io.github.rankfold.compression;

import io.github.rankfold.collapse.linalg.Matrix;
import io.github.rankfold.collapse.linalg.Svd;
import java.util.Arrays;

/**
 * Two factors in place of a kernel: {@code W ~ left right}, {@code left} [m x r], {@code right} [r
 * x n].
 *
 * <p>From a truncated SVD this is the nearest matrix of rank r in the Frobenius norm
 * (Eckart-Young-Mirsky). The square roots of the singular values go to both sides, so that neither
 * factor's entries grow large: that matters in half precision and in fine-tuning.
 */
public record Factorization(Matrix left, Matrix right) {
  public Factorization {
    if (left.cols() != right.rows()) {
      throw new IllegalArgumentException(
          "expected factors that can be multiplied, found %dx%d and %dx%d"
              .formatted(left.rows(), left.cols(), right.rows(), right.cols()));
    }
  }

  /** The factors of the first {@code rank} singular triples. */
  public static Factorization of(Svd svd, int rank) {
    double[] roots = Arrays.stream(svd.spectrum().toArray()).limit(rank).map(Math::sqrt).toArray();
    Matrix left = svd.u().leadingColumns(rank).transpose().rowsScaled(roots).transpose();
    Matrix right = svd.vt().leadingRows(rank).rowsScaled(roots);
    return new Factorization(left, right);
  }

  public int rank() {
    return left.cols();
  }

  /** {@code r (m + n)}. */
  public long parameters() {
    return (long) rank() * (left.rows() + right.cols());
  }
}
