package io.github.rankfold.models.savedmodel;

import io.github.rankfold.models.InvalidInputException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.CollectionDef;
import org.tensorflow.proto.FunctionDef;
import org.tensorflow.proto.FunctionDefLibrary;
import org.tensorflow.proto.GraphDef;
import org.tensorflow.proto.MetaGraphDef;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.SaverDef;
import org.tensorflow.proto.SignatureDef;
import org.tensorflow.proto.TensorInfo;

/**
 * From a model's graph to the flat one: checked, calls inlined, loops' bodies too, signatures moved
 * to where their tensors went, assets' paths taken out of variables, and the rest pruned.
 */
final class Flattening {
  private Flattening() {}

  /** The part of a model's graph that its signatures, init operation and assets need. */
  static FlatGraph of(MetaGraphDef metaGraph) {
    GraphValidation.check(metaGraph, OperationRegistry.ofRuntime());
    FunctionInliner.Inlined inlined =
        FunctionInliner.inline(metaGraph.getGraphDef(), OperationRegistry.ofRuntime());
    Map<String, NodeDef> nodes = new LinkedHashMap<>();
    for (NodeDef node : inlined.graph().getNodeList()) {
      nodes.put(node.getName(), NodeReader.withExplicitSharedName(node));
    }
    Map<String, SignatureDef> signatures = new TreeMap<>();
    metaGraph
        .getSignatureDefMap()
        .forEach(
            (key, signature) -> {
              if (!key.equals(SavedModelFolder.INIT_OP_SIGNATURE)) {
                signatures.put(key, moved(signature, inlined.moved()::apply));
              }
            });
    GraphDef frame = inlined.graph().toBuilder().clearNode().build();
    frame = frame.toBuilder().setLibrary(withInlinedLoops(nodes, frame.getLibrary())).build();
    Optional<VariableRestore> restore = restore(metaGraph, nodes);
    Optional<String> initOp = initOp(metaGraph, nodes);
    FlatGraph called = new FlatGraph(nodes, signatures, Optional.empty(), frame, restore).pruned();
    FlatGraph all = new FlatGraph(nodes, signatures, initOp, frame, restore).pruned();
    AssetVariables paths =
        new AssetVariables(
            all.byName(), SavedModelFolder.assetNodes(metaGraph), called.byName().keySet());
    FlatGraph needed = new FlatGraph(paths.takenOut(), signatures, initOp, frame, restore).pruned();
    Map<String, NodeDef> ordered = ControlEdges.withoutIdleWaits(needed.byName(), needed.library());
    return needed.having(ordered, frame).pruned();
  }

  /**
   * Loops whose bodies call functions show their products only once those are inlined too. Such a
   * body gets a name of its own, as a graph may hold only one function of a name, and the original
   * may be beside this graph.
   *
   * @param nodes the loops among them are changed to name the inlined bodies
   */
  private static FunctionDefLibrary withInlinedLoops(
      Map<String, NodeDef> nodes, FunctionDefLibrary library) {
    Map<String, FunctionDef> bodies = new LinkedHashMap<>();
    library.getFunctionList().forEach(f -> bodies.put(f.getSignature().getName(), f));
    FunctionDefLibrary.Builder result = library.toBuilder();
    for (NodeDef node : List.copyOf(nodes.values())) {
      if (node.getOp().equals("While") || node.getOp().equals("StatelessWhile")) {
        String name = node.getAttrOrThrow("body").getFunc().getName();
        FunctionDef body = bodies.get(name);
        if (body == null) {
          continue; // refused by TensorFlow when it loads the model
        }
        String wanted = name + "_flat";
        while (bodies.containsKey(wanted)) {
          wanted += "_";
        }
        Optional<FunctionDef> inlined = FunctionInliner.inlineBody(body, library, wanted);
        if (inlined.isPresent()) {
          bodies.put(wanted, inlined.get());
          result.addFunction(inlined.get());
          AttrValue.Builder attribute = node.getAttrOrThrow("body").toBuilder();
          attribute.getFuncBuilder().setName(wanted);
          nodes.put(node.getName(), node.toBuilder().putAttr("body", attribute.build()).build());
        }
      }
    }
    return result.build();
  }

  /**
   * The operation that fills the tables. A model of TensorFlow 1 that names none lists what fills
   * them in a collection, for which one is added to {@code nodes}.
   */
  private static Optional<String> initOp(MetaGraphDef metaGraph, Map<String, NodeDef> nodes) {
    for (String key : List.of("saved_model_main_op", "legacy_init_op")) {
      if (metaGraph.containsCollectionDef(key)) {
        var names = metaGraph.getCollectionDefOrThrow(key).getNodeList().getValueList();
        if (!names.isEmpty()) {
          return Optional.of(called(TensorRef.parse(names.get(0)).node(), nodes));
        }
      }
    }
    List<String> tables =
        metaGraph
            .getCollectionDefOrDefault(
                SavedModelFolder.TABLE_INITIALIZERS, CollectionDef.getDefaultInstance())
            .getNodeList()
            .getValueList()
            .stream()
            .map(name -> TensorRef.parse(name).node())
            .filter(nodes::containsKey)
            .toList();
    if (tables.isEmpty()) {
      return Optional.empty();
    }
    String name = "rankfold_init_tables";
    while (nodes.containsKey(name)) {
      name += "_";
    }
    nodes.put(name, NodeWriter.noOp(name, tables));
    return Optional.of(name);
  }

  /** What to run instead of a call that is inlined. */
  private static String called(String name, Map<String, NodeDef> nodes) {
    return nodes.containsKey(name) ? name : name + "/control_out";
  }

  private static Optional<VariableRestore> restore(
      MetaGraphDef metaGraph, Map<String, NodeDef> nodes) {
    SaverDef saver = metaGraph.getSaverDef();
    return saver.getRestoreOpName().isEmpty() || saver.getFilenameTensorName().isEmpty()
        ? Optional.empty()
        : VariableRestore.of(
            nodes,
            called(TensorRef.parse(saver.getRestoreOpName()).node(), nodes),
            TensorRef.parse(saver.getFilenameTensorName()).node());
  }

  private static SignatureDef moved(SignatureDef signature, UnaryOperator<TensorRef> moved) {
    SignatureDef.Builder result = signature.toBuilder();
    signature.getInputsMap().forEach((key, info) -> result.putInputs(key, moved(info, moved)));
    signature.getOutputsMap().forEach((key, info) -> result.putOutputs(key, moved(info, moved)));
    return result.build();
  }

  private static TensorInfo moved(TensorInfo info, UnaryOperator<TensorRef> moved) {
    if (info.getEncodingCase() != TensorInfo.EncodingCase.NAME) {
      throw new InvalidInputException(
          "a signature: expected dense tensors, found " + info.getEncodingCase());
    }
    TensorRef settled = moved.apply(TensorRef.parse(info.getName()));
    return info.toBuilder().setName(settled.toString()).build();
  }
}
