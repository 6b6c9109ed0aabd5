package io.github.rankfold.compression.search;

import java.util.Locale;

/** What was done to truncated factors before they were tried. */
public enum Refinement {
  /** Nothing but giving back the mean. */
  NONE,

  /** Each layer was fitted to the original's activations. */
  FITTED,

  /** They were fitted, and trained to give the original's outputs. */
  TUNED;

  /** As the tables have it. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
