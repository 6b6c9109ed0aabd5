package io.github.rankfold.compression;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.rankfold.compression.factors.LayerDecision;
import io.github.rankfold.compression.rewriting.GraphRewriter;
import io.github.rankfold.models.live.LiveModel;
import io.github.rankfold.models.live.StoredOutputs;
import io.github.rankfold.models.live.VariableValues;
import io.github.rankfold.models.savedmodel.FlatGraph;
import io.github.rankfold.models.savedmodel.NodeReader;
import io.github.rankfold.models.savedmodel.NodeWriter;
import io.github.rankfold.models.savedmodel.SavedModelWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.Tensor;
import org.tensorflow.proto.GraphDef;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.SignatureDef;

/** Two loops may name one function as their body and pass different kernels to it. */
class SharedLoopBodyTest {
  private static final String SECOND = "second";

  @TempDir Path temporary;

  @Test
  void eachOfTwoLoopsThatShareABodyGetsFactorsOfItsOwn() throws IOException {
    Path shared = temporary.resolve("shared");
    writeWithSecondLoop(shared);
    try (LiveModel model = LiveModel.open(shared)) {
      List<NodeDef> loops =
          model.flatGraph().nodes().stream().filter(node -> node.getOp().equals("While")).toList();
      assertEquals(2, loops.size());
      assertEquals(loops.get(0).getAttrOrThrow("cond"), loops.get(1).getAttrOrThrow("cond"));
      long recurrent = model.layers().stream().filter(SharedLoopBodyTest::inLoop).count();
      assertTrue(recurrent >= 2, () -> "layers " + model.layers());
      CompressionPlan plan = CompressionPlanner.plan(model, new RankRule.Fraction(0.25));
      assertEquals(
          recurrent, plan.factored().stream().filter(decision -> inLoop(decision.layer())).count());
      Verification verified = SavedModelCompressor.apply(model, plan, temporary.resolve("out"));
      assertTrue(verified.signatures() > 0 && verified.againstPlan() <= 1e-5, verified::toString);
      try (LiveModel written = LiveModel.open(temporary.resolve("out"))) {
        for (LayerDecision decision : plan.factored()) {
          String variable = decision.layer().variable();
          assertTrue(!GraphRewriter.needs(written.flatGraph(), variable), variable);
        }
        assertEquals(plan.size(model).parameters(), written.size().parameters());
      }
    }
  }

  private static boolean inLoop(io.github.rankfold.models.layers.Layer layer) {
    return layer.uses().get(0).loop().isPresent();
  }

  /** The fixture with its loop a second time, on kernels of its own, as a second output. */
  private void writeWithSecondLoop(Path folder) throws IOException {
    try (LiveModel model = LiveModel.open(StoredOutputs.MODELS.resolve("lstm"));
        VariableValues variables = model.variables()) {
      FlatGraph flat = model.flatGraph();
      SignatureDef signature = model.signature();
      NodeDef loop =
          flat
              .ancestors(
                  signature.getOutputsMap().values().stream()
                      .map(info -> info.getName().replaceFirst(":\\d+$", ""))
                      .toList())
              .stream()
              .map(flat::node)
              .filter(node -> node.getOp().equals("While"))
              .findFirst()
              .orElseThrow();
      GraphDef.Builder graph = flat.toGraphDef().toBuilder();
      Map<String, Tensor> values = new HashMap<>(variables.byName());
      NodeDef.Builder second = loop.toBuilder().setName(SECOND);
      for (int slot = 0; slot < loop.getInputCount(); slot++) {
        NodeDef input = flat.node(loop.getInput(slot).replaceFirst("^\\^", "").split(":", 2)[0]);
        if (NodeReader.isVariable(input)) {
          String name = SECOND + "_" + slot + "/kernel";
          List<Integer> shape = NodeReader.variableShape(input);
          graph.addNode(
              NodeWriter.variable(
                  name,
                  input.getAttrOrThrow("dtype").getType(),
                  shape.stream().mapToInt(Integer::intValue).toArray()));
          second.setInput(slot, name);
          Tensor value = variables.byName().get(NodeReader.variableName(input));
          values.put(name, value);
        }
      }
      graph.addNode(second);
      int state = floatingResult(flat, loop);
      graph.addNode(
          NodeWriter.node("second_state", "Identity")
              .input(SECOND + ":" + state)
              .type("T", loop.getAttrOrThrow("T").getList().getType(state))
              .build());
      SignatureDef.Builder both = signature.toBuilder();
      both.putOutputs(
          SECOND,
          signature.getOutputsMap().values().iterator().next().toBuilder()
              .clearTensorShape()
              .setName("second_state:0")
              .build());
      SavedModelWriter.write(
          folder,
          FlatGraph.of(graph.build(), Map.of("serving_default", both.build())),
          List.of("serve"),
          values,
          Optional.empty());
    }
  }

  /** A result of the loop that is a number it computes. */
  private static int floatingResult(FlatGraph flat, NodeDef loop) {
    List<org.tensorflow.proto.DataType> types = loop.getAttrOrThrow("T").getList().getTypeList();
    var body = flat.functionBody(loop, "body").orElseThrow();
    for (int i = 0; i < types.size(); i++) {
      if (types.get(i) == org.tensorflow.proto.DataType.DT_FLOAT
          && body.nodes().containsKey(body.results().get(i).node())) {
        return i;
      }
    }
    throw new IllegalStateException("no state in " + loop.getName());
  }
}
