package io.github.rankfold.compression;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.rankfold.compression.factors.WeightFormat;
import io.github.rankfold.models.live.LiveModel;
import io.github.rankfold.models.live.StoredOutputs;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.SavedModel;
import org.tensorflow.proto.TensorProto;

class CodedSizeTest {
  @TempDir Path temporary;

  @Test
  void entropyIsThatOfTheSymbols() {
    byte[] all = new byte[512];
    byte[] two = new byte[512];
    for (int i = 0; i < all.length; i++) {
      all[i] = (byte) i;
      two[i] = (byte) (i % 2);
    }
    assertEquals(512, CodedSize.entropyBytes(all)); // 8 bits each
    assertEquals(64, CodedSize.entropyBytes(two)); // 1 bit each
    assertEquals(0, CodedSize.entropyBytes(new byte[100]));
    assertEquals(0, CodedSize.entropyBytes(new byte[0]));
  }

  @ParameterizedTest
  @ValueSource(strings = {"mlp", "cnn", "lstm", "half", "frozen"})
  void countsTheBytesOfAllWeightsAndCodesThemInNoMore(String name) {
    try (LiveModel model = LiveModel.open(StoredOutputs.MODELS.resolve(name))) {
      CodedSize size = CodedSize.of(model);
      assertEquals(model.size().bytes(), size.bytes());
      assertTrue(size.deflated() <= size.bytes());
      assertTrue(size.deflated() > size.bytes() / 4, "random weights do not code well");
    }
  }

  /** TensorFlow's tools store a constant of one repeated value once. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void countsConstantsByTheirValuesHoweverTheyAreStored(boolean repeated) throws IOException {
    Path frozen = StoredOutputs.MODELS.resolve("frozen");
    CodedSize before;
    try (LiveModel model = LiveModel.open(frozen)) {
      before = CodedSize.of(model);
    }
    SavedModel stored = SavedModel.parseFrom(Files.readAllBytes(frozen.resolve("saved_model.pb")));
    SavedModel.Builder edited = stored.toBuilder();
    var graph = edited.getMetaGraphsBuilder(0).getGraphDefBuilder();
    int changed = 0;
    List<NodeDef.Builder> nodes = new ArrayList<>(graph.getNodeBuilderList());
    graph
        .getLibraryBuilder()
        .getFunctionBuilderList()
        .forEach(function -> nodes.addAll(function.getNodeDefBuilderList()));
    for (NodeDef.Builder node : nodes) {
      changed += node.getOp().equals("Const") && storeByValue(node, repeated) ? 1 : 0;
    }
    assertTrue(changed > 0, "constants with weights");
    Path written = Files.createDirectory(temporary.resolve("edited"));
    Files.write(written.resolve("saved_model.pb"), edited.build().toByteArray());
    try (LiveModel model = LiveModel.open(written)) {
      CodedSize after = CodedSize.of(model);
      assertEquals(before.bytes(), after.bytes());
      assertEquals(model.size().bytes(), after.bytes());
      if (repeated) {
        assertTrue(after.deflated() < before.deflated() / 10, "one value codes well");
      } else {
        assertEquals(before, after);
      }
    }
  }

  /** The same values one by one, or only the first of them for all. */
  private static boolean storeByValue(NodeDef.Builder node, boolean repeated) {
    TensorProto value = node.getAttrOrThrow("value").getTensor();
    if (value.getDtype() != DataType.DT_FLOAT || value.getTensorContent().size() <= Float.BYTES) {
      return false;
    }
    FloatBuffer values =
        value
            .getTensorContent()
            .asReadOnlyByteBuffer()
            .order(ByteOrder.nativeOrder())
            .asFloatBuffer();
    TensorProto.Builder one = value.toBuilder().clearTensorContent();
    for (int i = 0; i < (repeated ? 1 : values.remaining()); i++) {
      one.addFloatVal(values.get(i));
    }
    node.putAttr("value", AttrValue.newBuilder().setTensor(one).build());
    return true;
  }

  @ParameterizedTest
  @EnumSource(WeightFormat.class)
  void aWholeModelInAFormatIsAsLargeAsIfItWereWritten(WeightFormat format) throws IOException {
    try (LiveModel model = LiveModel.open(StoredOutputs.MODELS.resolve("mlp"))) {
      CompressionPlan whole = CompressionPlanner.plan(model, new RankRule.Fraction(1));
      WeightStorage storage = new WeightStorage(Optional.empty(), Optional.of(format));
      SavedModelCompressor.apply(model, storage.appliedTo(model, whole), temporary.resolve("out"));
      try (LiveModel written = LiveModel.open(temporary.resolve("out"))) {
        assertEquals(CodedSize.of(written), CodedSize.ofWhole(model, format));
      }
    }
  }
}
