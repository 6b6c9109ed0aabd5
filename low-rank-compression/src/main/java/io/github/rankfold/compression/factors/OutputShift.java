package io.github.rankfold.compression.factors;

import io.github.rankfold.collapse.linalg.Matrix;
import java.util.List;
import java.util.Optional;
import org.tensorflow.proto.DataType;

/**
 * What is added to a layer's product, so that its mean stays what it was: bias correction.
 *
 * @param amount [1 x n]
 * @param bias where the sum goes into a bias, or a normalization's mean, that the model has anyway;
 *     empty where it is a vector of its own
 */
public record OutputShift(Matrix amount, Optional<Bias> bias) {
  /** A shift that costs a vector of parameters. */
  public static OutputShift ofItsOwn(Matrix amount) {
    return new OutputShift(amount, Optional.empty());
  }

  /** How many parameters it adds to the model. */
  public int parameters() {
    return bias.isPresent() ? 0 : amount.cols();
  }

  /**
   * A vector that is added to the product, or subtracted from it, and nowhere else used.
   *
   * @param variable its shared name
   * @param dtype its type
   * @param values with the shift
   * @param operands where it is taken
   */
  public record Bias(String variable, DataType dtype, Matrix values, List<Operand> operands) {
    public Bias {
      operands = List.copyOf(operands);
    }
  }

  /**
   * One input of one node.
   *
   * @param node its name
   * @param index from 0
   */
  public record Operand(String node, int index) {}
}
