package io.github.rankfold.compression.search;

/**
 * What may be tried: the ranks of a position on the path, and what is done to the factors.
 *
 * @param position see {@link RankPath#at}
 * @param refinement after truncation
 */
record Candidate(int position, Refinement refinement) {
  /** Nothing truncated. */
  static final Candidate WHOLE = new Candidate(0, Refinement.NONE);

  boolean isWhole() {
    return position == 0;
  }
}
