package io.github.rankfold.models.savedmodel;

/**
 * One output of one node of a graph, written {@code node:index}.
 *
 * @param node the node's name
 * @param index which of its outputs, from 0
 */
public record TensorRef(String node, int index) {
  public TensorRef {
    if (node.isEmpty() || node.startsWith("^")) {
      throw new IllegalArgumentException("expected a node name, was '" + node + "'");
    }
    if (index < 0) {
      throw new IllegalArgumentException("index must be >= 0, was " + index);
    }
  }

  /** Reads {@code node} or {@code node:index}, as a NodeDef's data input or a TensorInfo has it. */
  public static TensorRef parse(String text) {
    int colon = text.lastIndexOf(':');
    if (colon < 0) {
      return new TensorRef(text, 0);
    }
    try {
      return new TensorRef(text.substring(0, colon), Integer.parseInt(text.substring(colon + 1)));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("expected node:index, was '" + text + "'", e);
    }
  }

  /** Whether a NodeDef's input is a control edge, {@code ^node}. */
  static boolean isControl(String input) {
    return input.startsWith("^");
  }

  /** The node behind a NodeDef's input, data or control. */
  static String nodeOf(String input) {
    return isControl(input) ? input.substring(1) : parse(input).node();
  }

  /** As a NodeDef's input has it: output 0 goes without its index. */
  public String asInput() {
    return index == 0 ? node : node + ":" + index;
  }

  @Override
  public String toString() {
    return node + ":" + index;
  }
}
