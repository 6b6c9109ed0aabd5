package io.github.rankfold.collapse.probe;

import io.github.rankfold.models.data.LabeledData;
import io.github.rankfold.models.layers.Layer;
import java.util.Collection;

/** How many samples go through a model at a time. */
public final class BatchSize {
  /** Values of the largest rows that are held at once. */
  private static final long VALUES = 1L << 25;

  private static final int MOST = 500;

  private BatchSize() {}

  /** So many that the rows that any layer multiplies, patches included, fit in memory. */
  public static int of(Collection<Layer> layers, LabeledData data) {
    long widest = Math.max(1, data.featureWidth());
    for (Layer layer : layers) {
      long positions = layer.uses().get(0).positions();
      widest = Math.max(widest, positions * Math.max(layer.rows(), layer.cols()));
    }
    return (int) Math.max(1, Math.min(MOST, VALUES / widest));
  }
}
