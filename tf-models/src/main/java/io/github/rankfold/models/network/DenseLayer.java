package io.github.rankfold.models.network;

import java.util.List;

/**
 * One layer of a {@link NetworkSpec}: {@code h = f(z W + b)}, or {@code f(z W + b) + z} where
 * {@code residual}; z [B x inputs], W [inputs x outputs], b [outputs].
 *
 * @param name {@code dense_1}, ..., {@code classifier}
 * @param activation f; {@link Activation#LINEAR} for the classifier
 * @param residual whether the input is added to the output
 * @param bias whether there is a b
 */
public record DenseLayer(
    String name, int inputs, int outputs, Activation activation, boolean residual, boolean bias) {
  /** The variable that holds W, {@code NAME/kernel}. */
  public String kernelName() {
    return name + "/kernel";
  }

  /** The variable that holds b, {@code NAME/bias}; meaningful only with a bias. */
  public String biasName() {
    return name + "/bias";
  }

  public List<Integer> kernelShape() {
    return List.of(inputs, outputs);
  }

  public List<Integer> biasShape() {
    return List.of(outputs);
  }
}
