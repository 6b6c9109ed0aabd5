package io.github.rankfold.compression.factors;

import java.util.Locale;

/** What a truncated kernel is to be near to: the norm in which it is the nearest of its rank. */
public enum Weighting {
  /** {@code ||W - W'||_F}: the singular values of the kernel itself. Needs no data. */
  NONE,

  /**
   * {@code ||Z (W - W')||_F}: activation-aware, with the second moments of what the kernel
   * multiplies (as in SVD-LLM, arXiv 2403.07378, and ASVD, arXiv 2312.05821).
   */
  INPUTS,

  /**
   * {@code ||C^(1/2) (W - W') F^(1/2)||_F}: also how much the output of the model depends on each
   * direction that the kernel gives, F being the Gauss-Newton metric; a Kronecker-factored second
   * order approximation (Martens and Grosse, arXiv 1503.05671) of the change of the outputs.
   */
  OUTPUTS;

  /** As the command line has it. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
