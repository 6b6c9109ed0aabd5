package io.github.rankfold.models.layers;

import java.util.Locale;

/** What a layer does with its kernel. */
public enum LayerKind {
  /** {@code a = z W}, {@code W} [m x n], z's last axis being m. */
  DENSE;

  /** As the tables have it. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
