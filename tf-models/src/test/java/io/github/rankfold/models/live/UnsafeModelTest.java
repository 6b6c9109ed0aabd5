package io.github.rankfold.models.live;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.rankfold.models.InvalidInputException;
import io.github.rankfold.models.savedmodel.FlatGraph;
import io.github.rankfold.models.savedmodel.SavedModelWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.Graph;
import org.tensorflow.Result;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.op.io.ReadFile;
import org.tensorflow.op.io.WriteFile;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.SignatureDef;
import org.tensorflow.proto.TensorInfo;
import org.tensorflow.proto.TensorShapeProto;
import org.tensorflow.types.TFloat32;

/** A graph is a program: one that reaches for files must not be run unasked. */
class UnsafeModelTest {
  @TempDir Path temporary;

  @Test
  void graphThatWritesAFileIsRefusedAndNothingIsWritten() throws IOException {
    Path victim = temporary.resolve("victim");
    Path model = writing(victim);
    InvalidInputException refusal =
        assertThrows(InvalidInputException.class, () -> LiveModel.open(model));
    assertEquals(
        model
            + ": expected a graph that touches nothing but its own files, found WriteFile"
            + " (network/write) (--trust runs it)",
        refusal.getMessage());
    assertFalse(Files.exists(victim));
  }

  @Test
  void trustedGraphRuns() throws IOException {
    Path victim = temporary.resolve("victim");
    Path model = writing(victim);
    try (LiveModel live = LiveModel.open(model, ModelOptions.defaults().withTrust());
        InputBatch input = InputBatch.of(live.input(), TFloat32.tensorOf(Shape.of(1, 2)));
        Result result = live.feeding(input).fetch(live.tensor(live.output())).run()) {
      assertEquals(2, result.get(0).shape().size());
    }
    assertTrue(Files.exists(victim), "the graph was not run");
  }

  @Test
  void graphThatReadsAFileIsRefused() throws IOException {
    Path model = temporary.resolve("model");
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      Placeholder<TFloat32> x = input(tf);
      ReadFile read = tf.withName("read").io.readFile(tf.constant("/etc/hostname"));
      var length = tf.dtypes.cast(tf.strings.stringLength(read.contents()), TFloat32.class);
      tf.withName("y").math.add(x, length);
      write(graph, model);
    }
    InvalidInputException refusal =
        assertThrows(InvalidInputException.class, () -> LiveModel.open(model));
    assertEquals(
        model
            + ": expected a graph that touches nothing but its own files, found ReadFile (read)"
            + " (--trust runs it)",
        refusal.getMessage());
  }

  private Path writing(Path victim) throws IOException {
    Path model = temporary.resolve("model");
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      Placeholder<TFloat32> x = input(tf);
      WriteFile write =
          tf.withSubScope("network")
              .withName("write")
              .io
              .writeFile(tf.constant(victim.toString()), tf.constant("written"));
      tf.withControlDependencies(write).withName("y").identity(x);
      write(graph, model);
    }
    return model;
  }

  private static Placeholder<TFloat32> input(Ops tf) {
    return tf.withName("x").placeholder(TFloat32.class, Placeholder.shape(Shape.of(-1, 2)));
  }

  private static void write(Graph graph, Path model) throws IOException {
    SignatureDef signature =
        SignatureDef.newBuilder().putInputs("x", info("x:0")).putOutputs("y", info("y:0")).build();
    SavedModelWriter.write(
        model,
        FlatGraph.of(graph.toGraphDef(), Map.of("serving_default", signature)),
        List.of("serve"),
        Map.of(),
        Optional.empty());
  }

  private static TensorInfo info(String name) {
    TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
    shape.addDim(TensorShapeProto.Dim.newBuilder().setSize(-1));
    shape.addDim(TensorShapeProto.Dim.newBuilder().setSize(2));
    return TensorInfo.newBuilder()
        .setName(name)
        .setDtype(DataType.DT_FLOAT)
        .setTensorShape(shape)
        .build();
  }
}
