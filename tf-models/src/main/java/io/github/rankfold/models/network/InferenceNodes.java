package io.github.rankfold.models.network;

import java.util.List;

/**
 * The nodes that {@link NetworkGraph#inference} added.
 *
 * @param input the placeholder, float32 [? x inputWidth]
 * @param logits the identity of the logits, float32 [? x K]
 * @param variables in the order of {@link NetworkSpec#variableShapes()}
 */
public record InferenceNodes(String input, String logits, List<Variable> variables) {
  public InferenceNodes {
    variables = List.copyOf(variables);
  }

  /**
   * One resource variable.
   *
   * @param name also its shared_name
   * @param handle its VarHandleOp node
   * @param read the ReadVariableOp node that the forward pass uses
   */
  public record Variable(String name, String handle, String read, List<Integer> shape) {
    public Variable {
      shape = List.copyOf(shape);
    }
  }
}
