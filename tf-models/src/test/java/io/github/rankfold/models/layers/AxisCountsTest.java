package io.github.rankfold.models.layers;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.rankfold.models.savedmodel.FlatGraph;
import io.github.rankfold.models.savedmodel.GraphText;
import io.github.rankfold.models.savedmodel.TensorRef;
import java.util.OptionalInt;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tensorflow.ndarray.Shape;

class AxisCountsTest {
  private static final String NODES =
      """
      node { name: "words" op: "Placeholder" dtype:FLOAT }
      node { name: "row" op: "Placeholder" dtype:INT32 }
      node { name: "unknown" op: "Placeholder" dtype:INT32 }
      node { name: "table" op: "HashTableV2" }
      node { name: "rows" op: "MutableHashTableOfTensorsV2" }
      node { name: "none" op: "Const" dtype:INT32 }
      node { name: "ids" op: "LookupTableFindV2" input: "table" input: "words" input: "none" }
      node { name: "vectors" op: "LookupTableFindV2" input: "rows" input: "words" input: "none" }
      node { name: "known" op: "NotEqual" input: "ids" input: "none" T:INT32 }
      node { name: "sum" op: "AddV2" input: "row" input: "none" T:INT32 }
      node { name: "any" op: "AddV2" input: "ids" input: "unknown" T:INT32 }
      node { name: "v2" op: "SelectV2" input: "known" input: "sum" input: "none" T:INT32 }
      node { name: "v1" op: "Select" input: "known" input: "sum" input: "none" T:INT32 }
      node { name: "same" op: "Identity" input: "v2" T:INT32 }
      node { name: "product" op: "MatMul" input: "ids" input: "ids" T:INT32 }
      """;

  private static final FlatGraph GRAPH =
      GraphText.flat(NODES, "same", "v1", "any", "vectors", "product");

  /** What TensorFlow knows: [?, ?] words, a [4] row and the scalar {@code none}. */
  private static Shape known(TensorRef tensor) {
    return switch (tensor.node()) {
      case "words" -> Shape.of(-1, -1);
      case "row" -> Shape.of(4);
      case "none" -> Shape.scalar();
      default -> Shape.unknown();
    };
  }

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource({
    "ids, 2", // as many as the keys
    "known, 2",
    "sum, 1",
    "v2, 2", // broadcast with its condition
    "v1, 1", // not broadcast
    "same, 2",
    "any, ", // could have more
    "vectors, ", // a value of this table is no single number
    "product, "
  })
  void axesAreThoseOfTheKeysAndOfWhatIsBroadcast(String tensor, Integer axes) {
    OptionalInt expected = axes == null ? OptionalInt.empty() : OptionalInt.of(axes);
    assertEquals(
        expected, new AxisCounts(GRAPH, AxisCountsTest::known).of(new TensorRef(tensor, 0)));
  }
}
