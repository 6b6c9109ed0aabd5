package io.github.rankfold.compression.broken;

import com.google.protobuf.ByteString;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.tensorflow.proto.AssetFileDef;
import org.tensorflow.proto.CollectionDef;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.MetaGraphDef;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.SaverDef;
import org.tensorflow.proto.SignatureDef;
import org.tensorflow.proto.TensorInfo;
import org.tensorflow.proto.TensorShapeProto;

/** Ways to damage what surrounds a graph: signatures, saver, collections, assets, tags. */
final class MetaDamage {
  private static final List<String> ODD_TENSORS =
      List.of("", ":", ":0", "a:b:c", "x:", "no_such:0", "^x", "x:-1", "x:99999999999", " ");

  private MetaDamage() {}

  static Map<String, BiConsumer<MetaGraphDef.Builder, Nodes>> all() {
    Map<String, BiConsumer<MetaGraphDef.Builder, Nodes>> ways = new LinkedHashMap<>();
    signatures(ways);
    loading(ways);
    return ways;
  }

  private static void signatures(Map<String, BiConsumer<MetaGraphDef.Builder, Nodes>> ways) {
    ways.put("no signatures", (meta, n) -> meta.clearSignatureDef());
    ways.put("odd output", (meta, n) -> output(meta, info -> info.setName(n.pick(ODD_TENSORS))));
    ways.put("odd input", (meta, n) -> input(meta, info -> info.setName(n.pick(ODD_TENSORS))));
    ways.put("other output", (meta, n) -> output(meta, info -> info.setName(n.name() + ":0")));
    ways.put("other input", (meta, n) -> input(meta, info -> info.setName(n.name() + ":0")));
    ways.put(
        "output beyond the last",
        (meta, n) -> output(meta, info -> info.setName(info.getName().replace(":0", ":77"))));
    ways.put(
        "sparse output",
        (meta, n) -> output(meta, info -> info.getCooSparseBuilder().setValuesTensorName("x:0")));
    ways.put(
        "composite output", (meta, n) -> output(meta, info -> info.getCompositeTensorBuilder()));
    ways.put("output without encoding", (meta, n) -> output(meta, TensorInfo.Builder::clear));
    ways.put(
        "output of another type",
        (meta, n) -> output(meta, info -> info.setDtype(DataType.DT_STRING)));
    ways.put(
        "output of odd shape",
        (meta, n) ->
            output(
                meta,
                info ->
                    info.getTensorShapeBuilder()
                        .addDim(TensorShapeProto.Dim.newBuilder().setSize(n.oddSize()))));
    ways.put("no inputs", (meta, n) -> signature(meta, SignatureDef.Builder::clearInputs));
    ways.put("no outputs", (meta, n) -> signature(meta, SignatureDef.Builder::clearOutputs));
    ways.put(
        "signature without key",
        (meta, n) ->
            meta.putSignatureDef(
                "", meta.getSignatureDefMap().values().stream().findFirst().orElseThrow()));
    ways.put(
        "odd init signature",
        (meta, n) ->
            meta.putSignatureDef(
                "__saved_model_init_op",
                SignatureDef.newBuilder()
                    .putOutputs(
                        "__saved_model_init_op",
                        TensorInfo.newBuilder().setName(n.pick(ODD_TENSORS)).build())
                    .build()));
  }

  private static void loading(Map<String, BiConsumer<MetaGraphDef.Builder, Nodes>> ways) {
    ways.put("no saver", (meta, n) -> meta.clearSaverDef());
    ways.put("odd restore", (meta, n) -> saver(meta, s -> s.setRestoreOpName(n.pick(ODD_TENSORS))));
    ways.put("other restore", (meta, n) -> saver(meta, s -> s.setRestoreOpName(n.name())));
    ways.put(
        "odd file name tensor",
        (meta, n) -> saver(meta, s -> s.setFilenameTensorName(n.pick(ODD_TENSORS))));
    ways.put(
        "other file name tensor",
        (meta, n) -> saver(meta, s -> s.setFilenameTensorName(n.name() + ":0")));
    ways.put(
        "odd main operation",
        (meta, n) -> collection(meta, "saved_model_main_op", n.pick(ODD_TENSORS)));
    ways.put(
        "other main operation", (meta, n) -> collection(meta, "saved_model_main_op", n.name()));
    ways.put("odd legacy operation", (meta, n) -> collection(meta, "legacy_init_op", "nothing"));
    ways.put(
        "collection of another kind",
        (meta, n) ->
            meta.putCollectionDef(
                n.pick(List.of("saved_model_main_op", "variables", "saved_model_assets")),
                CollectionDef.newBuilder()
                    .setBytesList(
                        CollectionDef.BytesList.newBuilder()
                            .addValue(ByteString.copyFrom(new byte[] {-1, 2, 3})))
                    .build()));
    for (String name : List.of("../../x", "/etc/hostname", "", "..", "no-such-file", "a\u0000b")) {
      ways.put(
          "asset " + name.replace('\u0000', '0'),
          (meta, n) ->
              meta.addAssetFileDef(
                  AssetFileDef.newBuilder()
                      .setFilename(name)
                      .setTensorInfo(TensorInfo.newBuilder().setName(n.name() + ":0"))));
    }
    ways.put(
        "asset of an odd tensor",
        (meta, n) ->
            meta.addAssetFileDef(
                AssetFileDef.newBuilder()
                    .setFilename("x")
                    .setTensorInfo(TensorInfo.newBuilder().setName(n.pick(ODD_TENSORS)))));
    ways.put("no tags", (meta, n) -> meta.getMetaInfoDefBuilder().clearTags());
    ways.put("odd tags", (meta, n) -> meta.getMetaInfoDefBuilder().addTags("").addTags("serve"));
    ways.put("no graph", (meta, n) -> meta.clearGraphDef());
    ways.put(
        "odd objects",
        (meta, n) ->
            meta.getObjectGraphDefBuilder()
                .addNodesBuilder()
                .addChildrenBuilder()
                .setNodeId(Integer.MAX_VALUE));
    ways.put(
        "another operation of the same name",
        (meta, n) ->
            meta.getMetaInfoDefBuilder()
                .getStrippedOpListBuilder()
                .addOpBuilder()
                .setName("MatMul"));
    ways.put(
        "variable of another shape",
        (meta, n) -> {
          NodeDef.Builder variable =
              n.any(
                  node -> node.getOp().equals("VarHandleOp") || node.getOp().equals("VariableV2"));
          if (variable.containsAttr("shape")) {
            var shape = variable.getAttrOrThrow("shape").toBuilder();
            shape.getShapeBuilder().addDim(TensorShapeProto.Dim.newBuilder().setSize(n.oddSize()));
            variable.putAttr("shape", shape.build());
          }
        });
  }

  private static void output(MetaGraphDef.Builder meta, Consumer<TensorInfo.Builder> change) {
    signature(
        meta,
        signature ->
            signature
                .getOutputsMap()
                .forEach(
                    (key, info) -> {
                      TensorInfo.Builder changed = info.toBuilder();
                      change.accept(changed);
                      signature.putOutputs(key, changed.build());
                    }));
  }

  private static void input(MetaGraphDef.Builder meta, Consumer<TensorInfo.Builder> change) {
    signature(
        meta,
        signature ->
            signature
                .getInputsMap()
                .forEach(
                    (key, info) -> {
                      TensorInfo.Builder changed = info.toBuilder();
                      change.accept(changed);
                      signature.putInputs(key, changed.build());
                    }));
  }

  private static void signature(MetaGraphDef.Builder meta, Consumer<SignatureDef.Builder> change) {
    String key = "serving_default";
    SignatureDef.Builder signature =
        meta.getSignatureDefOrDefault(key, SignatureDef.getDefaultInstance()).toBuilder();
    change.accept(signature);
    meta.putSignatureDef(key, signature.build());
  }

  private static void saver(MetaGraphDef.Builder meta, Consumer<SaverDef.Builder> change) {
    change.accept(meta.getSaverDefBuilder());
  }

  private static void collection(MetaGraphDef.Builder meta, String key, String value) {
    meta.putCollectionDef(
        key,
        CollectionDef.newBuilder()
            .setNodeList(CollectionDef.NodeList.newBuilder().addValue(value))
            .build());
  }
}
