package io.github.rankfold.models.layers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.rankfold.models.savedmodel.FlatGraph;
import io.github.rankfold.models.savedmodel.GraphText;
import io.github.rankfold.models.savedmodel.TensorRef;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConstantConesTest {
  private static final String NODES =
      """
      node { name: "x" op: "Placeholder" dtype:FLOAT }
      node { name: "w" op: "VarHandleOp" dtype:FLOAT attr { key: "shape" value { shape { dim { size: 6 } dim { size: 4 } } } } }
      node { name: "u" op: "VarHandleOp" dtype:FLOAT attr { key: "shape" value { shape { dim { size: 6 } dim { size: 1 } } } } }
      node { name: "v" op: "VarHandleOp" dtype:FLOAT attr { key: "shape" value { shape { unknown_rank: true } } } }
      node { name: "u/read" op: "ReadVariableOp" input: "u" dtype:FLOAT }
      node { name: "v/read" op: "ReadVariableOp" input: "v" dtype:FLOAT }
      node { name: "scaled" op: "Mul" input: "read" input: "u/read" T:FLOAT }
      node { name: "wide" op: "Mul" input: "weight" input: "u/read" T:FLOAT }
      node { name: "unknown" op: "Mul" input: "v/read" input: "read" T:FLOAT }
      node { name: "read" op: "ReadVariableOp" input: "w" dtype:FLOAT }
      node { name: "again" op: "ReadVariableOp" input: "w" dtype:FLOAT }
      node { name: "perm" op: "Const" dtype:INT32 attr { key: "value" value { tensor { int_val: 1 } } } }
      node { name: "weight" op: "Const" dtype:FLOAT attr { key: "value" value { tensor { tensor_shape { dim { size: 50 } } } } } }
      node { name: "turned" op: "Transpose" input: "read" input: "perm" T:FLOAT }
      node { name: "turned2" op: "Transpose" input: "again" input: "perm" T:FLOAT }
      node { name: "sum" op: "AddV2" input: "turned" input: "weight" T:FLOAT }
      node { name: "data" op: "MatMul" input: "x" input: "turned" T:FLOAT }
      node { name: "noise" op: "RandomStandardNormal" input: "perm" dtype:FLOAT }
      node { name: "noisy" op: "AddV2" input: "read" input: "noise" T:FLOAT }
      node { name: "state" op: "VarHandleOp" dtype:FLOAT }
      node { name: "set" op: "AssignVariableOp" input: "state" input: "x" dtype:FLOAT }
      node { name: "state/read" op: "ReadVariableOp" input: "state" input: "^set" dtype:FLOAT }
      """;

  private static final FlatGraph GRAPH =
      GraphText.flat(
          NODES, "sum", "data", "noisy", "turned2", "state/read", "scaled", "wide", "unknown");

  private final ConstantCones cones = new ConstantCones(GRAPH);

  private static TensorRef tensor(String name) {
    return new TensorRef(name, 0);
  }

  @ParameterizedTest
  @CsvSource({
    "read, true",
    "turned, true",
    "sum, true",
    "weight, true", // variables, constants, stateless
    "x, false",
    "data, false", // fed
    "noise, false",
    "noisy, false", // another value each time
    "state/read, false" // written by the graph itself
  })
  void aWeightIsWhatIsFixedOnceTheVariablesAre(String name, boolean constant) {
    assertEquals(constant, cones.contains(tensor(name)));
  }

  @Test
  void rootsAreVariablesAndFloatingConstants() {
    assertEquals(Set.of("w"), cones.roots(tensor("turned")));
    assertEquals(Set.of("w", "weight"), cones.roots(tensor("sum")));
  }

  /** Factors take its place, so that it must be what they are smaller than. */
  @Test
  void theWeightIsTheLargestVariable() {
    assertEquals(Optional.of("w"), cones.weight(tensor("scaled")));
    assertEquals(Optional.of("u"), cones.weight(tensor("wide")), "a constant is none beside it");
    assertEquals(Optional.of("weight"), cones.weight(tensor("weight")));
    assertEquals(Optional.of("v"), cones.weight(tensor("unknown")), "it may be any size");
    assertEquals(Optional.empty(), cones.weight(tensor("perm")));
    assertTrue(cones.isNoLargerThanItsWeight(tensor("scaled"), 24));
    assertFalse(cones.isNoLargerThanItsWeight(tensor("scaled"), 25));
    assertFalse(cones.isNoLargerThanItsWeight(tensor("wide"), 50));
    assertTrue(cones.isNoLargerThanItsWeight(tensor("unknown"), 1000));
  }

  @Test
  void twoReadsOfOneVariableAreOneExpression() {
    assertEquals(cones.expression(tensor("turned")), cones.expression(tensor("turned2")));
    assertNotEquals(cones.expression(tensor("read")), cones.expression(tensor("turned")));
  }
}
