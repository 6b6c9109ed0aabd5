package io.github.rankfold.models.layers;

import java.util.Locale;

/** What a layer does with its kernel; the matrix of each is that of {@link MatrixView}. */
public enum LayerKind {
  /** {@code a = z W}, {@code W} [m x n], z's last axis being m. */
  DENSE,

  /** A tensor contraction such as an attention projection: contracted axes by kept ones. */
  EINSUM,

  /** {@code W} [k..., Ci, Co] as patches: [k... Ci x Co]. */
  CONVOLUTION,

  /** {@code W} [k..., Co, Ci] of a convolution's transpose: [k... Co x Ci]. */
  TRANSPOSED_CONVOLUTION,

  /** Rows that are looked up, [V x d]. */
  EMBEDDING,

  /** A dense product inside a loop, once a step. */
  RECURRENT;

  /** As the tables have it. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
