package io.github.rankfold.compression;

import static java.util.stream.Collectors.toCollection;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.rankfold.models.live.LiveModel;
import io.github.rankfold.models.live.StoredOutputs;
import io.github.rankfold.models.live.TensorValues;
import io.github.rankfold.models.savedmodel.TensorRef;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tensorflow.Result;
import org.tensorflow.ndarray.NdArrays;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.proto.GraphDef;
import org.tensorflow.proto.MetaGraphDef;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.SavedModel;
import org.tensorflow.proto.TensorInfo;
import org.tensorflow.types.TString;

/** Vocabularies in files beside the graph, as TensorFlow 2 and TensorFlow 1 list them. */
class TablesFromFilesTest {
  private static final String[] KNOWN = {"low", "rank", "fold", "two"};

  @TempDir Path temporary;

  @ParameterizedTest
  @CsvSource({"lookup_table, logits", "tf1_tables, y"})
  void knownWordsGiveTheSameAsBeforeAndAnotherThanUnknownOnes(String name, String output)
      throws IOException {
    Path out = temporary.resolve("out");
    try (LiveModel model = LiveModel.open(StoredOutputs.MODELS.resolve(name))) {
      CompressionPlan kept = CompressionPlanner.plan(model, new RankRule.Fraction(1));
      assertEquals(1, SavedModelCompressor.apply(model, kept, out).signatures());
      double[] known = run(model, output, KNOWN);
      assertFalse(Arrays.equals(known, run(model, output, "x1", "x2", "x3", "x4")));
      try (LiveModel written = LiveModel.open(out)) {
        assertArrayEquals(known, run(written, output, KNOWN), 1e-6);
      }
    }
    try (var files = Files.list(out.resolve("saved_model").resolve("assets"))) {
      assertEquals(
          List.of("vocabulary.txt"), files.map(file -> file.getFileName().toString()).toList());
    }
  }

  @ParameterizedTest(name = "words from vocabulary.txt, and back by {0}")
  @ValueSource(strings = {"vocabulary.txt", "back/vocabulary.txt"})
  void aFileMayBeTheAssetOfSeveralTablesAndLieInAFolder(String second) throws IOException {
    Path twoAssets = temporary.resolve("two-assets");
    withASecondAsset(StoredOutputs.MODELS.resolve("lookup_table"), second, twoAssets);
    Path out = temporary.resolve("out");
    try (LiveModel model = LiveModel.open(twoAssets)) {
      CompressionPlan kept = CompressionPlanner.plan(model, new RankRule.Fraction(1));
      SavedModelCompressor.apply(model, kept, out);
      try (LiveModel written = LiveModel.open(out)) {
        assertArrayEquals(run(model, "logits", KNOWN), run(written, "logits", KNOWN), 1e-6);
      }
    }
    Path assets = out.resolve("saved_model").resolve("assets");
    try (var files = Files.walk(assets).filter(Files::isRegularFile)) {
      assertEquals(
          new TreeSet<>(List.of("vocabulary.txt", second)),
          files
              .map(file -> assets.relativize(file).toString())
              .collect(toCollection(TreeSet::new)));
    }
  }

  /** As exporters write it where each table was given the path of its file. */
  private static void withASecondAsset(Path model, String file, Path folder) throws IOException {
    for (String name : new TreeSet<>(List.of("vocabulary.txt", file))) {
      Path copy = folder.resolve("assets").resolve(name);
      Files.createDirectories(copy.getParent());
      Files.copy(model.resolve("assets/vocabulary.txt"), copy);
    }
    Files.createSymbolicLink(
        folder.resolve("variables"), model.resolve("variables").toAbsolutePath());
    SavedModel.Builder edited =
        SavedModel.parseFrom(Files.readAllBytes(model.resolve("saved_model.pb"))).toBuilder();
    MetaGraphDef.Builder graph = edited.getMetaGraphsBuilder(0);
    GraphDef.Builder nodes = graph.getGraphDefBuilder();
    String first = graph.getAssetFileDef(0).getTensorInfo().getName().replace(":0", "");
    for (NodeDef node : graph.getGraphDef().getNodeList()) {
      if (node.getName().equals(first)) {
        nodes.addNode(node.toBuilder().setName("second_asset"));
      }
    }
    for (NodeDef.Builder node : nodes.getNodeBuilderList()) {
      int input = node.getInputList().indexOf("ReadVariableOp_1"); // of the second table's file
      if (input >= 0) {
        node.setInput(input, "second_asset");
      }
    }
    graph
        .addAssetFileDefBuilder()
        .setFilename(file)
        .setTensorInfo(TensorInfo.newBuilder().setName("second_asset:0"));
    Files.write(folder.resolve("saved_model.pb"), edited.build().toByteArray());
  }

  @ParameterizedTest
  @ValueSource(strings = {"lookup_table", "tf1_tables"})
  void thePathOfAFileIsNoVariable(String name) {
    try (LiveModel model = LiveModel.open(StoredOutputs.MODELS.resolve(name))) {
      assertTrue(
          model.flatGraph().variables().values().stream()
              .noneMatch(node -> node.getAttrOrThrow("dtype").getType().name().contains("STRING")));
      assertFalse(model.flatGraph().variables().isEmpty());
    }
  }

  private static double[] run(LiveModel model, String output, String... words) {
    try (TString fed =
            TString.tensorOf(
                NdArrays.ofObjects(String.class, Shape.of(1, 4))
                    .setObject(words[0], 0, 0)
                    .setObject(words[1], 0, 1)
                    .setObject(words[2], 0, 2)
                    .setObject(words[3], 0, 3));
        Result result =
            model
                .session()
                .runner()
                .feed(model.tensor(model.input()), fed)
                .fetch(
                    model.tensor(
                        TensorRef.parse(model.signature().getOutputsOrThrow(output).getName())))
                .run()) {
      return TensorValues.toDoubles(result.get(0));
    }
  }
}
