package io.github.rankfold.compression.search;

import io.github.rankfold.models.layers.Layer;
import java.util.Locale;
import org.tensorflow.proto.DataType;

/** What a layer costs at a rank. */
public enum Cost {
  /** Weights. */
  PARAMETERS {
    @Override
    long whole(Layer layer) {
      return layer.parameters();
    }

    @Override
    long atRank(Layer layer, int rank) {
      return layer.parametersAtRank(rank);
    }

    @Override
    long ofWeights(Layer layer, long count) {
      return count;
    }
  },

  /** Bytes of weights, in the type in which the layer takes them. */
  BYTES {
    @Override
    long whole(Layer layer) {
      return layer.parameters() * width(layer.dtype());
    }

    @Override
    long atRank(Layer layer, int rank) {
      return layer.parametersAtRank(rank) * width(layer.dtype());
    }

    @Override
    long ofWeights(Layer layer, long count) {
      return count * width(layer.dtype());
    }
  },

  /** Multiply-adds for one input of the model. */
  MULTIPLY_ADDS {
    @Override
    long whole(Layer layer) {
      return layer.multiplyAdds();
    }

    @Override
    long atRank(Layer layer, int rank) {
      return layer.multiplyAddsAtRank(rank);
    }

    @Override
    long ofWeights(Layer layer, long count) {
      return layer.multiplyAdds() / layer.parameters() * count;
    }
  };

  /** Of the kernel as it is. */
  abstract long whole(Layer layer);

  /** Of two factors of this rank. */
  abstract long atRank(Layer layer, int rank);

  /** Of so many weights, each of which is multiplied at every position. */
  abstract long ofWeights(Layer layer, long count);

  static int width(DataType type) {
    return switch (type) {
      case DT_HALF, DT_BFLOAT16 -> 2;
      case DT_DOUBLE -> 8;
      default -> 4;
    };
  }

  /** As messages have it. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
