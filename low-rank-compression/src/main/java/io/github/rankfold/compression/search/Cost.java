package io.github.rankfold.compression.search;

import io.github.rankfold.models.layers.Layer;
import io.github.rankfold.models.live.ModelSize;
import java.util.Locale;

/** What a layer costs at a rank. */
public enum Cost {
  /** Weights. */
  PARAMETERS {
    @Override
    long ofWeights(Layer layer, long count) {
      return count;
    }
  },

  /** Bytes of weights, in the type in which the layer takes them. */
  BYTES {
    @Override
    long ofWeights(Layer layer, long count) {
      return count * ModelSize.widthOf(layer.dtype());
    }
  },

  /** Multiply-adds for one input of the model. */
  MULTIPLY_ADDS {
    @Override
    long ofWeights(Layer layer, long count) {
      return layer.multiplyAdds() / layer.parameters() * count;
    }

    @Override
    long atRank(Layer layer, int rank) {
      return layer.multiplyAddsAtRank(rank); // a lookup is free, what follows it is not
    }
  };

  /** Of so many weights, each of which is multiplied at every position. */
  abstract long ofWeights(Layer layer, long count);

  /** Of the kernel as it is. */
  long whole(Layer layer) {
    return ofWeights(layer, layer.parameters());
  }

  /** Of two plain factors of this rank. */
  long atRank(Layer layer, int rank) {
    return ofWeights(layer, layer.parametersAtRank(rank));
  }

  /** As messages have it. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
