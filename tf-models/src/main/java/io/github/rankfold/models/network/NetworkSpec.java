package io.github.rankfold.models.network;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A fully connected classifier: hidden layers, then a linear layer to the logits.
 *
 * <p>{@code h_0 = x}, {@code h_l = f(h_{l-1} W_l + b_l)} for the hidden layers {@code dense_1},
 * {@code dense_2}, ..., and {@code logits = h_L W + b} for the {@code classifier}. A residual
 * network adds {@code h_{l-1}} to {@code h_l} wherever the two widths agree.
 *
 * @param inputWidth values of one sample, after flattening
 * @param hidden widths of the hidden layers, may be empty
 * @param classes number of logits, K
 * @param activation f of the hidden layers
 * @param residual whether hidden layers add their input
 * @param bias whether layers have a bias
 * @param initializer how the kernels are drawn
 */
public record NetworkSpec(
    int inputWidth,
    List<Integer> hidden,
    int classes,
    Activation activation,
    boolean residual,
    boolean bias,
    Initializer initializer) {
  public NetworkSpec {
    hidden = List.copyOf(hidden);
    if (inputWidth <= 0) {
      throw new IllegalArgumentException("input width must be > 0, was " + inputWidth);
    }
    for (int l = 0; l < hidden.size(); l++) {
      if (hidden.get(l) <= 0) {
        throw new IllegalArgumentException(
            "hidden layer %d: width must be > 0, was %d".formatted(l + 1, hidden.get(l)));
      }
    }
    if (classes < 2) {
      throw new IllegalArgumentException("classes must be >= 2, was " + classes);
    }
  }

  /**
   * A ReLU network with biases from its widths: inputs, hidden layers, classes. {@code mlp(64, 100,
   * 100, 10)} has two hidden layers of width 100.
   */
  public static NetworkSpec mlp(int inputWidth, int... hiddenThenClasses) {
    if (hiddenThenClasses.length == 0) {
      throw new IllegalArgumentException(
          "expected at least an input width and a number of classes, found only " + inputWidth);
    }
    List<Integer> widths = new ArrayList<>();
    for (int width : hiddenThenClasses) {
      widths.add(width);
    }
    int classes = widths.remove(widths.size() - 1);
    return new NetworkSpec(
        inputWidth, widths, classes, Activation.RELU, false, true, Initializer.GLOROT_UNIFORM);
  }

  /**
   * Reads a network as users write it: {@code KIND:WIDTHS[:OPTION]...}, for instance {@code
   * mlp:100,50}, {@code mlp:64x3} (three layers of 64), {@code resmlp:64x4:tanh:nobias}.
   *
   * <ul>
   *   <li>KIND: {@code mlp}, or {@code resmlp} for a residual network
   *   <li>WIDTHS: a comma list of {@code WIDTH} or {@code WIDTHxCOUNT}
   *   <li>OPTION: an activation ({@code relu}, {@code tanh}, {@code gelu}, {@code linear}), {@code
   *       nobias}, or an initializer ({@code glorot_uniform}, {@code he_normal}, ...)
   * </ul>
   *
   * <p>{@code linear} alone is the network without hidden layers.
   *
   * @throws io.github.rankfold.models.InvalidInputException where the text is something else
   */
  public static NetworkSpec parse(String text, int inputWidth, int classes) {
    return new NetworkText(text).parse(inputWidth, classes);
  }

  /** What {@link #parse} reads back as this network, defaults left out. */
  public String text() {
    return NetworkText.of(this);
  }

  public NetworkSpec withActivation(Activation newActivation) {
    return new NetworkSpec(inputWidth, hidden, classes, newActivation, residual, bias, initializer);
  }

  public NetworkSpec withResidual(boolean newResidual) {
    return new NetworkSpec(inputWidth, hidden, classes, activation, newResidual, bias, initializer);
  }

  public NetworkSpec withBias(boolean newBias) {
    return new NetworkSpec(inputWidth, hidden, classes, activation, residual, newBias, initializer);
  }

  public NetworkSpec withInitializer(Initializer newInitializer) {
    return new NetworkSpec(inputWidth, hidden, classes, activation, residual, bias, newInitializer);
  }

  /** All layers from the input on, the classifier last. */
  public List<DenseLayer> layers() {
    List<DenseLayer> layers = new ArrayList<>();
    int width = inputWidth;
    for (int next : hidden) {
      boolean adds = residual && width == next;
      layers.add(
          new DenseLayer("dense_" + (layers.size() + 1), width, next, activation, adds, bias));
      width = next;
    }
    layers.add(new DenseLayer("classifier", width, classes, Activation.LINEAR, false, bias));
    return Collections.unmodifiableList(layers);
  }

  /** The shapes of all variables by name: kernel then bias, layer by layer. */
  public Map<String, List<Integer>> variableShapes() {
    Map<String, List<Integer>> shapes = new LinkedHashMap<>();
    for (DenseLayer layer : layers()) {
      shapes.put(layer.kernelName(), layer.kernelShape());
      if (bias) {
        shapes.put(layer.biasName(), layer.biasShape());
      }
    }
    return Collections.unmodifiableMap(shapes);
  }

  /** The number of trained values in all variables. */
  public long parameters() {
    return variableShapes().values().stream()
        .mapToLong(shape -> shape.stream().mapToLong(Integer::longValue).reduce(1, (a, b) -> a * b))
        .sum();
  }
}
