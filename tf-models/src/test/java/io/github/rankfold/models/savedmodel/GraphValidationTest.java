package io.github.rankfold.models.savedmodel;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.rankfold.models.InvalidInputException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tensorflow.proto.AssetFileDef;
import org.tensorflow.proto.MetaGraphDef;
import org.tensorflow.proto.SignatureDef;
import org.tensorflow.proto.TensorInfo;

/** What TensorFlow does not survive is refused before it gets it. */
class GraphValidationTest {
  private static final String GOOD =
      """
      node { name: "x" op: "Placeholder" dtype:FLOAT }
      node { name: "y" op: "AddV2" input: "x" input: "x" T:FLOAT }
      """;

  private static MetaGraphDef.Builder graph(String nodes) {
    return MetaGraphDef.newBuilder().setGraphDef(GraphText.parse(nodes));
  }

  private static TensorInfo tensor(String name) {
    return TensorInfo.newBuilder().setName(name).build();
  }

  private static void check(MetaGraphDef.Builder graph) {
    GraphValidation.check(graph.build(), OperationRegistry.ofRuntime());
  }

  private static String refusal(MetaGraphDef.Builder graph) {
    return String.valueOf(
        assertThrows(InvalidInputException.class, () -> check(graph)).getMessage());
  }

  @Test
  void goodGraphsPass() {
    SignatureDef signature = SignatureDef.newBuilder().putOutputs("y", tensor("y:0")).build();
    assertDoesNotThrow(() -> check(graph(GOOD).putSignatureDef("serving_default", signature)));
  }

  @Test
  void constantOfAnotherTypeThanItsNodeSays() {
    String node =
        "node { name: \"c\" op: \"Const\" dtype:FLOAT"
            + " attr { key: \"value\" value { tensor { dtype: DT_INT32 int_val: 1 } } } }";
    assertEquals(
        "node c: expected a constant of type DT_FLOAT, found DT_INT32", refusal(graph(node)));
  }

  @Test
  void operationWithTooFewInputs() {
    assertEquals(
        "node y: expected 2 inputs of AddV2, found 1",
        refusal(graph(GOOD.replace("input: \"x\" input", "input"))));
  }

  @Test
  void listOfMoreTensorsThanThereCanBe() {
    String node = "node { name: \"n\" op: \"AddN\" T:FLOAT attr { key: \"N\" value { i: -1 } } }";
    String message = refusal(graph(node));
    assertEquals(
        "node n: expected a number of tensors from 0 to ", message.replaceFirst("\\d+ as.*", ""));
  }

  @Test
  void loopWithoutItsBody() {
    String node =
        "node { name: \"w\" op: \"While\""
            + " attr { key: \"body\" value { func { name: \"gone\" } } } }";
    assertEquals(
        "node w: expected a function of the graph's library as body, found 'gone'",
        refusal(graph(node)));
  }

  @Test
  void namesAreNoNovels() {
    String name = "n".repeat(10_001);
    assertEquals(
        "node " + "n".repeat(50) + "...: expected a name of at most 10000 characters, found 10001",
        refusal(graph("node { name: \"" + name + "\" op: \"NoOp\" }")));
  }

  @ParameterizedTest
  @CsvSource({"gone:0", "y:1"}) // no such node, no such output
  void signatureAndAssetOfATensorThatIsNotThere(String missing) {
    SignatureDef signature = SignatureDef.newBuilder().putOutputs("k", tensor(missing)).build();
    assertEquals(
        "signature serving_default: k: expected a tensor of the graph, found '" + missing + "'",
        refusal(graph(GOOD).putSignatureDef("serving_default", signature)));
    assertEquals(
        "asset a.txt: expected a tensor of the graph, found '" + missing + "'",
        refusal(
            graph(GOOD)
                .addAssetFileDef(
                    AssetFileDef.newBuilder()
                        .setFilename("a.txt")
                        .setTensorInfo(tensor(missing)))));
  }
}
