package io.github.rankfold.compression;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.github.rankfold.compression.factors.LayerDecision;
import io.github.rankfold.compression.rewriting.GraphRewriter;
import io.github.rankfold.models.live.LiveModel;
import io.github.rankfold.models.live.StoredOutputs;
import io.github.rankfold.models.savedmodel.FlatGraph;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.FunctionDef;
import org.tensorflow.proto.NodeDef;

/** Python checks what it is told of a loop's functions more strictly than the runtime does. */
class LoopFunctionsTest {
  @TempDir Path temporary;

  @ParameterizedTest
  @ValueSource(strings = {"lstm", "calls_in_loops"})
  void rewrittenLoopsAndTheirFunctionsAgreeOnTheNumberOfArguments(String name) {
    try (LiveModel model = LiveModel.open(StoredOutputs.MODELS.resolve(name))) {
      CompressionPlan plan = CompressionPlanner.plan(model, new RankRule.Fraction(0.25));
      FlatGraph rewritten = GraphRewriter.rewrite(model.flatGraph(), plan.decisions());
      List<FunctionDef> functions = rewritten.library().getFunctionList();
      for (FunctionDef function : functions) {
        int shapes = shapes(function.getAttrMap().get("_input_shapes"));
        if (shapes > 0) {
          assertEquals(function.getSignature().getInputArgCount(), shapes, "recorded shapes");
        }
      }
      List<NodeDef> loops =
          rewritten.nodes().stream().filter(node -> node.getOp().endsWith("While")).toList();
      assertFalse(loops.isEmpty(), "no loop in the rewritten graph");
      for (NodeDef loop : loops) {
        int types = loop.getAttrOrThrow("T").getList().getTypeCount();
        assertEquals(types, shapes(loop.getAttrMap().get("output_shapes")), loop.getName());
        for (String role : List.of("body", "cond")) {
          assertEquals(
              types, rewritten.functionBody(loop, role).orElseThrow().arguments().size(), role);
        }
      }
    }
  }

  /** A session keeps the functions of all plans that are tried in it. */
  @ParameterizedTest
  @ValueSource(strings = {"lstm", "calls_in_loops"})
  void plansForSomeKernelsOfALoopFollowOneAnother(String name) throws IOException {
    try (LiveModel model = LiveModel.open(StoredOutputs.MODELS.resolve(name))) {
      RankRule rule = new RankRule.Fraction(0.25);
      CompressionPlan all = CompressionPlanner.plan(model, rule);
      List<LayerDecision> looped =
          all.factored().stream()
              .filter(one -> one.layer().uses().get(0).loop().isPresent())
              .toList();
      assertFalse(looped.isEmpty(), "no kernel in a loop");
      SavedModelCompressor.apply(model, all, temporary.resolve("all"));
      for (LayerDecision one : looped) {
        SavedModelCompressor.apply(
            model,
            new CompressionPlan(rule.text(), List.of(one)),
            temporary.resolve(one.layer().name()));
      }
    }
  }

  private static int shapes(@Nullable AttrValue attribute) {
    return attribute == null ? 0 : attribute.getList().getShapeCount();
  }
}
