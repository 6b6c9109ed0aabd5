package io.github.rankfold.compression.bounds;

import io.github.rankfold.collapse.linalg.Matrix;

/**
 * How far a classifier's input can move the difference of two logits: {@code ||w_i - w_j||_2} for
 * the columns of W [m x K]. At most {@code sqrt(2) ||W||_2}, and less where the largest singular
 * vector moves all logits alike.
 */
final class PairNorms {
  private final int classes;
  private final double[] norms;

  private PairNorms(int classes, double[] norms) {
    this.classes = classes;
    this.norms = norms;
  }

  static PairNorms of(Matrix kernel) {
    int classes = kernel.cols();
    Matrix gram = kernel.transposedTimes(kernel);
    double[] norms = new double[classes * classes];
    for (int i = 0; i < classes; i++) {
      for (int j = 0; j < classes; j++) {
        double sides = gram.get(i, i) + gram.get(j, j);
        // What rounding may take from the difference of squares is given back.
        double square = Math.max(0, sides - 2 * gram.get(i, j)) + 0x1p-48 * sides;
        norms[i * classes + j] = i == j ? 0 : Math.sqrt(square);
      }
    }
    return new PairNorms(classes, norms);
  }

  double between(int i, int j) {
    return norms[i * classes + j];
  }
}
