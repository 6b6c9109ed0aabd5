package io.github.rankfold.compression.bounds;

import io.github.rankfold.models.savedmodel.TensorRef;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * One operation between the input and the logits, as far as distances matter: how far its output
 * can move when its inputs do.
 */
sealed interface PathStep {
  /** The node, whose outputs all have the bound. */
  String node();

  /** The inputs that depend on the model's input. */
  List<Source> sources();

  /** An input, and by how much its distance counts. */
  record Source(TensorRef tensor, double factor) {}

  /**
   * {@code e <= sum_j factor_j e_j}, or, where the sources fill separate parts of the output, the
   * root of the sum of squares.
   */
  record Transition(String node, List<Source> sources, boolean separate) implements PathStep {
    public Transition {
      sources = List.copyOf(sources);
    }

    static Transition of(String node, TensorRef source, double factor) {
      return new Transition(node, List.of(new Source(source, factor)), false);
    }
  }

  /**
   * A product with a weight, {@code e <= e_in ||W'|| + ||z (W' - W)||}.
   *
   * @param input the tensor z
   * @param kernel the tensor of the weight
   * @param norm an upper bound of the operator norm with another kernel of the same shape
   */
  record Product(
      String node,
      String operation,
      TensorRef input,
      TensorRef kernel,
      List<Integer> shape,
      ToDoubleFunction<double[]> norm)
      implements PathStep {
    public Product {
      shape = List.copyOf(shape);
    }

    @Override
    public List<Source> sources() {
      return List.of(new Source(input, 1));
    }
  }
}
