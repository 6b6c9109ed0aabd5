package io.github.rankfold.models.savedmodel;

import com.google.protobuf.CodedOutputStream;
import io.github.rankfold.models.Device;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.tensorflow.Graph;
import org.tensorflow.Session;
import org.tensorflow.Tensor;
import org.tensorflow.TensorFlow;
import org.tensorflow.proto.AssetFileDef;
import org.tensorflow.proto.CollectionDef;
import org.tensorflow.proto.ConfigProto;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.GraphDef;
import org.tensorflow.proto.MetaGraphDef;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.OpDef;
import org.tensorflow.proto.OpList;
import org.tensorflow.proto.SavedModel;
import org.tensorflow.types.TString;

/**
 * Writes a flat graph and the values of its variables as a SavedModel: the only writer there is.
 *
 * <p>Python loads the result by {@code tf.saved_model.load} or {@code TFSMLayer}, which take the
 * {@link ObjectGraph} where there is one and else the flat graph, or by the v1 loader, which takes
 * the flat graph. TensorFlow Java's own exporter cannot be used, as it leaves resource variables
 * out.
 */
public final class SavedModelWriter {
  private SavedModelWriter() {}

  /**
   * Writes saved_model.pb, variables and assets into {@code folder}, which must be new or empty.
   *
   * @param flat the graph; of equal constants in it one is written
   * @param values one tensor for each variable of the graph, by shared name; the caller closes them
   * @param source the model that the graph came from, for its assets, where there is one
   */
  public static void write(
      Path folder,
      FlatGraph flat,
      List<String> tags,
      Map<String, ? extends Tensor> values,
      Optional<SavedModelFolder> source)
      throws IOException {
    FlatGraph graph = EqualConstants.merged(flat.ofSignatures());
    Map<String, NodeDef> variables = graph.variables();
    if (!values.keySet().containsAll(variables.keySet())) {
      throw new IllegalArgumentException(
          "expected a value for each of %s, found %s"
              .formatted(variables.keySet(), values.keySet()));
    }
    Files.createDirectories(folder.resolve("variables"));
    MetaGraphDef.Builder metaGraph =
        metaGraph(graph, tags, SaverNodes.of(variables, graph::contains));
    if (source.isPresent()) {
      copyAssets(source.get(), folder, graph, metaGraph);
    }
    // Assets belong to tables, or to nodes that Python's functions cannot have.
    Optional<ObjectGraph> objects =
        metaGraph.getAssetFileDefCount() > 0 ? Optional.empty() : ObjectGraph.of(graph);
    objects.ifPresent(found -> add(found, metaGraph));
    SavedModel model =
        SavedModel.newBuilder().setSavedModelSchemaVersion(1).addMetaGraphs(metaGraph).build();
    try (OutputStream out = Files.newOutputStream(folder.resolve("saved_model.pb"))) {
      // Maps in a fixed order: the same model gives the same bytes, and so the same hash.
      CodedOutputStream coded = CodedOutputStream.newInstance(out);
      coded.useDeterministicSerialization();
      model.writeTo(coded);
      coded.flush();
    }
    if (!variables.isEmpty()) {
      saveVariables(folder.resolve("variables").resolve("variables"), variables, values, objects);
    }
  }

  private static void add(ObjectGraph objects, MetaGraphDef.Builder metaGraph) {
    metaGraph.setObjectGraphDef(objects.objects());
    metaGraph.getGraphDefBuilder().getLibraryBuilder().addAllFunction(objects.functions());
  }

  private static MetaGraphDef.Builder metaGraph(
      FlatGraph graph, List<String> tags, SaverNodes saver) {
    MetaGraphDef.Builder result = MetaGraphDef.newBuilder();
    result.setGraphDef(graph.toGraphDef().toBuilder().addAllNode(saver.nodes()));
    result.putAllSignatureDef(graph.signatures());
    if (!saver.isEmpty()) {
      result.putAllCollectionDef(saver.collections());
      result.setSaverDef(saver.saverDef());
    }
    // As a signature, as TensorFlow 2 writes it, the init operation would show up as one.
    graph
        .initOp()
        .map(name -> CollectionDef.NodeList.newBuilder().addValue(name))
        .map(names -> CollectionDef.newBuilder().setNodeList(names).build())
        .ifPresent(names -> result.putCollectionDef("saved_model_main_op", names));
    result
        .getMetaInfoDefBuilder()
        .addAllTags(tags)
        .setTensorflowVersion(TensorFlow.version())
        .setStrippedOpList(operationsOf(result.getGraphDef()));
    return result;
  }

  /** The definitions of the operations that the graph uses, so that other versions can check. */
  private static OpList operationsOf(GraphDef graph) {
    TreeSet<String> names = new TreeSet<>();
    graph.getNodeList().forEach(node -> names.add(node.getOp()));
    graph
        .getLibrary()
        .getFunctionList()
        .forEach(function -> function.getNodeDefList().forEach(node -> names.add(node.getOp())));
    OpList.Builder result = OpList.newBuilder();
    for (String name : names) {
      OpDef definition = OperationRegistry.ofRuntime().find(name);
      if (definition != null) {
        result.addOp(definition);
      }
    }
    return result.build();
  }

  /** Several tables may be filled from one file, each with an asset that names it. */
  private static void copyAssets(
      SavedModelFolder source, Path folder, FlatGraph graph, MetaGraphDef.Builder metaGraph)
      throws IOException {
    Set<Path> copied = new HashSet<>();
    for (AssetFileDef asset : source.assets()) {
      if (graph.contains(TensorRef.parse(asset.getTensorInfo().getName()).node())) {
        Path file = source.asset(asset);
        Path copy = folder.resolve(source.folder().normalize().relativize(file));
        if (copied.add(copy)) {
          Files.createDirectories(Objects.requireNonNull(copy.getParent()));
          Files.copy(file, copy);
        }
        metaGraph.addAssetFileDef(asset);
      }
    }
  }

  /** One SaveV2 run over fed tensors: nothing is assigned, and no session holds a second copy. */
  private static void saveVariables(
      Path prefix,
      Map<String, NodeDef> variables,
      Map<String, ? extends Tensor> values,
      Optional<ObjectGraph> objects) {
    List<String> names = List.copyOf(variables.keySet());
    List<String> keys = new ArrayList<>(names.stream().map(ObjectGraph::key).toList());
    List<DataType> types =
        new ArrayList<>(variables.values().stream().map(SaverNodes::dtype).toList());
    List<String> fed = new ArrayList<>();
    List<String> inputs = new ArrayList<>();
    GraphDef.Builder definition = GraphDef.newBuilder();
    for (int i = 0; i < names.size(); i++) {
      String input = "value_" + i;
      fed.add(input);
      DataType type = types.get(i);
      boolean raw = RawValues.areOf(type);
      DataType fedType = raw ? DataType.DT_UINT8 : type;
      definition.addNode(NodeWriter.node(input, "Placeholder").type("dtype", fedType).build());
      if (raw) {
        definition.addNode(RawValues.fromBytes("typed_" + i, input, type));
      }
      inputs.add(raw ? "typed_" + i : input);
    }
    objects.ifPresent(
        found -> {
          keys.add(ObjectGraph.KEY);
          types.add(DataType.DT_STRING);
          inputs.add("objects");
          definition.addNode(NodeWriter.constant("objects", found.checkpointValue()));
        });
    definition.addAllNode(SaverNodes.save(keys, types, inputs));
    ConfigProto.Builder config = ConfigProto.newBuilder();
    Device.CPU.configure(config); // files are written from the processor's memory
    try (Graph graph = new Graph();
        Session session = new Session(graph, config.build());
        TString path = TString.scalarOf(prefix.toString())) {
      graph.importGraphDef(definition.build());
      Session.Runner runner = session.runner().feed(SaverNodes.FILENAME, path);
      for (int i = 0; i < names.size(); i++) {
        runner.feed(fed.get(i), values.get(names.get(i)));
      }
      runner.addTarget("save/SaveV2").run().close();
    }
  }
}
