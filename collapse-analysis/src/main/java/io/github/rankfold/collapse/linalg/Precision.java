package io.github.rankfold.collapse.linalg;

/** The arithmetic of a decomposition, and the rounding that its results carry. */
public enum Precision {
  /** Half the time and memory; singular values to about 1e-7 of the largest. */
  FLOAT32(0x1p-23),
  /** Singular values to about 1e-15 of the largest. */
  FLOAT64(0x1p-52);

  private final double epsilon;

  Precision(double epsilon) {
    this.epsilon = epsilon;
  }

  /** The distance from 1 to the next larger number, as NumPy's {@code finfo.eps}. */
  public double epsilon() {
    return epsilon;
  }
}
