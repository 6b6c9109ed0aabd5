package io.github.rankfold.models.savedmodel;

import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.CollectionDef;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.SaverDef;
import org.tensorflow.proto.TensorShapeProto;
import org.tensorflow.proto.VariableDef;

/**
 * What a loader needs to know of the variables: initializers, save and restore nodes, the saver's
 * definition and the collections without which Python sees no variables.
 */
final class SaverNodes {
  static final String FILENAME = "save/Const";
  private static final String SCOPE = "save";

  private final Map<String, NodeDef> variables;
  private final Predicate<String> taken;
  private final List<NodeDef> nodes = new ArrayList<>();

  /** What gives zeros, by type and shape. */
  private final Map<Map.Entry<DataType, List<Integer>>, String> zeros = new HashMap<>();

  private final CollectionDef.BytesList.Builder definitions = CollectionDef.BytesList.newBuilder();
  private final CollectionDef.BytesList.Builder trainables = CollectionDef.BytesList.newBuilder();

  private SaverNodes(Map<String, NodeDef> variables, Predicate<String> taken) {
    this.variables = variables;
    this.taken = taken;
  }

  /**
   * @param variables by shared name
   * @param taken names that nodes of the graph have: one that initializes its own variables when it
   *     is loaded may have some of those that would be given here
   */
  static SaverNodes of(Map<String, NodeDef> variables, Predicate<String> taken) {
    SaverNodes saver = new SaverNodes(variables, taken);
    variables.values().forEach(saver::addInitializer);
    saver.addSaver();
    return saver;
  }

  /** The nodes that write {@code tensors} under keys; ends in {@code save/SaveV2}. */
  static List<NodeDef> save(List<String> keys, List<DataType> types, List<String> tensors) {
    List<NodeDef> nodes = new ArrayList<>();
    nodes.add(NodeWriter.strings("save/filename", List.of("model"), true));
    nodes.add(
        NodeWriter.node(FILENAME, "PlaceholderWithDefault")
            .input("save/filename")
            .type("dtype", DataType.DT_STRING)
            .attr("shape", scalarShape())
            .build());
    nodes.add(NodeWriter.strings("save/SaveV2/tensor_names", keys, false));
    nodes.add(NodeWriter.strings("save/SaveV2/shape_and_slices", blanks(keys.size()), false));
    NodeWriter save =
        NodeWriter.node("save/SaveV2", "SaveV2")
            .input(FILENAME)
            .input("save/SaveV2/tensor_names")
            .input("save/SaveV2/shape_and_slices")
            .types("dtypes", types);
    tensors.forEach(save::input);
    nodes.add(save.build());
    return nodes;
  }

  private static AttrValue scalarShape() {
    return AttrValue.newBuilder().setShape(TensorShapeProto.getDefaultInstance()).build();
  }

  private static List<String> blanks(int count) {
    return Collections.nCopies(count, "");
  }

  static DataType dtype(NodeDef variable) {
    return variable.getAttrOrThrow("dtype").getType();
  }

  private String readName(NodeDef variable) {
    return unused(variable.getName() + "/Read/saved");
  }

  private String unused(String wanted) {
    String name = wanted;
    while (taken.test(name)) {
      name += "_saved";
    }
    return name;
  }

  /**
   * Every variable gets an initializer of zeros: loaders of TensorFlow 1 models insist on one, and
   * restoring overwrites it.
   */
  private void addInitializer(NodeDef variable) {
    String name = variable.getName();
    DataType type = dtype(variable);
    boolean resource = NodeReader.isResource(variable);
    String zeros = zeros(variable);
    String assign = unused(name + "/Assign");
    nodes.add(
        resource
            ? NodeWriter.read(readName(variable), name, type)
            : NodeWriter.node(readName(variable), "Identity").input(name).type("T", type).build());
    nodes.add(assign(assign, variable, zeros));
    boolean trainable = NodeReader.isFloating(type);
    VariableDef definition =
        VariableDef.newBuilder()
            .setVariableName(name + ":0")
            .setInitialValueName(zeros + ":0")
            .setInitializerName(assign)
            .setSnapshotName(readName(variable) + ":0")
            .setIsResource(resource)
            .setTrainable(trainable)
            .build();
    definitions.addValue(definition.toByteString());
    if (trainable) {
      trainables.addValue(definition.toByteString());
    }
  }

  /** The node that gives zeros of a variable's type and shape: one for all variables of both. */
  private String zeros(NodeDef variable) {
    DataType type = dtype(variable);
    List<Integer> shape = NodeReader.variableShape(variable);
    String known = zeros.get(Map.entry(type, shape));
    if (known != null) {
      return known;
    }
    String name = unused(variable.getName() + "/Initializer/zeros");
    String size = unused(variable.getName() + "/Initializer/shape");
    String zero = unused(variable.getName() + "/Initializer/zero");
    nodes.add(
        NodeWriter.node(name, "Fill")
            .input(size)
            .input(zero)
            .type("T", type)
            .type("index_type", DataType.DT_INT64)
            .build());
    nodes.add(Constants.shape(size, variable));
    nodes.add(Constants.zero(zero, type));
    zeros.put(Map.entry(type, shape), name);
    return name;
  }

  private static NodeDef assign(String name, NodeDef variable, String value) {
    boolean resource = NodeReader.isResource(variable);
    NodeWriter writer =
        NodeWriter.node(name, resource ? "AssignVariableOp" : "Assign")
            .input(variable.getName())
            .input(value);
    return (resource
            ? writer.type("dtype", dtype(variable))
            : writer
                .type("T", dtype(variable))
                .flag("validate_shape", true)
                .flag("use_locking", true))
        .build();
  }

  private void addSaver() {
    List<String> names = variables.keySet().stream().map(ObjectGraph::key).toList();
    List<DataType> types = variables.values().stream().map(SaverNodes::dtype).toList();
    List<String> reads = variables.values().stream().map(this::readName).toList();
    nodes.addAll(save(names, types, reads));
    nodes.add(
        NodeWriter.node("save/control_dependency", "Identity")
            .input(FILENAME)
            .input("^save/SaveV2")
            .type("T", DataType.DT_STRING)
            .build());
    nodes.addAll(restore(SCOPE, FILENAME, names, variables.values()));
  }

  /**
   * The nodes that assign to variables what a checkpoint has under these keys; {@link #restoreAll}
   * is the one to run.
   *
   * @param scope of the nodes' names
   * @param filename the node that gives the checkpoint's path
   */
  static List<NodeDef> restore(
      String scope, String filename, List<String> keys, Collection<NodeDef> variables) {
    String restore = scope + "/RestoreV2";
    List<NodeDef> nodes = new ArrayList<>();
    nodes.add(NodeWriter.strings(restore + "/tensor_names", keys, false));
    nodes.add(NodeWriter.strings(restore + "/shape_and_slices", blanks(keys.size()), false));
    nodes.add(
        NodeWriter.node(restore, "RestoreV2")
            .input(filename)
            .input(restore + "/tensor_names")
            .input(restore + "/shape_and_slices")
            .types("dtypes", variables.stream().map(SaverNodes::dtype).toList())
            .build());
    List<String> assigns = new ArrayList<>();
    for (NodeDef variable : variables) {
      String name = scope + "/Assign_" + assigns.size();
      nodes.add(assign(name, variable, new TensorRef(restore, assigns.size()).asInput()));
      assigns.add(name);
    }
    nodes.add(NodeWriter.noOp(restoreAll(scope), assigns));
    return nodes;
  }

  static String restoreAll(String scope) {
    return scope + "/restore_all";
  }

  List<NodeDef> nodes() {
    // Without variables there is nothing to save, and SaveV2 refuses an empty list.
    return variables.isEmpty() ? List.of() : nodes;
  }

  boolean isEmpty() {
    return variables.isEmpty();
  }

  SaverDef saverDef() {
    return SaverDef.newBuilder()
        .setFilenameTensorName(FILENAME + ":0")
        .setSaveTensorName("save/control_dependency:0")
        .setRestoreOpName(restoreAll(SCOPE))
        .setMaxToKeep(1)
        .setVersion(SaverDef.CheckpointFormatVersion.V2)
        .build();
  }

  /**
   * The collections {@code variables} and, of those of a floating type, {@code
   * trainable_variables}.
   */
  Map<String, CollectionDef> collections() {
    CollectionDef all = CollectionDef.newBuilder().setBytesList(definitions).build();
    CollectionDef some = CollectionDef.newBuilder().setBytesList(trainables).build();
    return Map.of("variables", all, "trainable_variables", some);
  }

  /** The small constants of the initializers. */
  private static final class Constants {
    static NodeDef shape(String name, NodeDef variable) {
      TensorShapeProto shape = variable.getAttrOrThrow("shape").getShape();
      var tensor = org.tensorflow.proto.TensorProto.newBuilder().setDtype(DataType.DT_INT64);
      shape.getDimList().forEach(dim -> tensor.addInt64Val(Math.max(dim.getSize(), 0)));
      tensor
          .getTensorShapeBuilder()
          .addDim(TensorShapeProto.Dim.newBuilder().setSize(shape.getDimCount()));
      return NodeWriter.constant(name, tensor.build());
    }

    static NodeDef zero(String name, DataType type) {
      var tensor = org.tensorflow.proto.TensorProto.newBuilder().setDtype(type);
      tensor.getTensorShapeBuilder();
      switch (type) {
        case DT_STRING -> tensor.addStringVal(ByteString.EMPTY);
        case DT_BOOL -> tensor.addBoolVal(false);
        default -> {
          // A number's zero is what an empty value stands for.
        }
      }
      return NodeWriter.constant(name, tensor.build());
    }
  }
}
