package io.github.rankfold.models.layers;

import io.github.rankfold.models.savedmodel.TensorRef;
import org.tensorflow.proto.DataType;

/** What an operation turned out to do with a weight. */
sealed interface Reading {
  /** It multiplies by it in a way that can be rewritten. */
  record Product(LayerKind kind, KernelUse use, DataType dtype) implements Reading {}

  /** It uses it, but is left alone. */
  record LeftAlone(String operation, TensorRef weight, String because) implements Reading {}
}
