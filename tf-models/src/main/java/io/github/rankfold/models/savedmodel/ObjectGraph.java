package io.github.rankfold.models.savedmodel;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.FunctionDef;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.SavedObjectGraphOuterClass.SavedConcreteFunction;
import org.tensorflow.proto.SavedObjectGraphOuterClass.SavedObject;
import org.tensorflow.proto.SavedObjectGraphOuterClass.SavedObjectGraph;
import org.tensorflow.proto.SignatureDef;
import org.tensorflow.proto.Struct.DictValue;
import org.tensorflow.proto.Struct.StructuredValue;
import org.tensorflow.proto.Struct.TensorSpecProto;
import org.tensorflow.proto.Struct.TupleValue;
import org.tensorflow.proto.TensorInfo;
import org.tensorflow.proto.TensorProto;
import org.tensorflow.proto.TensorShapeProto;
import org.tensorflow.proto.TrackableObjectGraphOuterClass.TrackableObjectGraph;
import org.tensorflow.proto.VersionDef;

/**
 * What TensorFlow 2 for Python loads: an object with {@code variables} and {@code signatures}, each
 * of which is a function. It stands beside the flat graph, which the loaders of TensorFlow 1, Java
 * and C++ take.
 *
 * <p>Without it Python would copy each node of each signature, one by one, to make functions of
 * them: it loads ResNet50 in a quarter of the time with it.
 *
 * <p>TensorFlow, core/protobuf/saved_object_graph.proto and trackable_object_graph.proto.
 *
 * @param functions what the signatures compute; of those that compute the same there is one
 * @param objects 0 is the root, 1 its variables, 2 its signatures
 * @param checkpointed the same objects, with the key that each variable's value is saved under
 */
record ObjectGraph(
    List<FunctionDef> functions, SavedObjectGraph objects, TrackableObjectGraph checkpointed) {
  /** Under this key the checkpoint has {@link #checkpointed}. */
  static final String KEY = "_CHECKPOINTABLE_OBJECT_GRAPH";

  private static final String VALUE = "VARIABLE_VALUE";
  private static final int VARIABLES = 1;
  private static final int SIGNATURES = 2;

  /** In bytes: a graph that holds its weights as constants is not written twice. */
  private static final int MAX_FUNCTIONS = 1 << 24;

  ObjectGraph {
    functions = List.copyOf(functions);
  }

  /** The key of a variable's value; Python finds values only under keys of this form. */
  static String key(String variable) {
    return variable + "/.ATTRIBUTES/" + VALUE;
  }

  /**
   * The objects of a graph; none where a loaded object would be more than variables and functions
   * of them: where loading fills tables or computes values, for one.
   */
  static Optional<ObjectGraph> of(FlatGraph graph) {
    if (graph.variables().isEmpty() || graph.initializes() || ownsVariables(graph)) {
      return Optional.empty();
    }
    return new Builder(graph).build();
  }

  /** Whether a loop's or branch's body has a variable in it; it would be another one in Python. */
  private static boolean ownsVariables(FlatGraph graph) {
    return graph.library().getFunctionList().stream()
        .flatMap(function -> function.getNodeDefList().stream())
        .anyMatch(NodeReader::isVariable);
  }

  private static final class Builder {
    private final FlatGraph graph;
    private final Map<String, Integer> idOfVariable = new LinkedHashMap<>();
    private final SavedObjectGraph.Builder objects = SavedObjectGraph.newBuilder();
    private final TrackableObjectGraph.Builder checkpointed = TrackableObjectGraph.newBuilder();
    private final List<FunctionDef> functions = new ArrayList<>();

    Builder(FlatGraph graph) {
      this.graph = graph;
    }

    Optional<ObjectGraph> build() {
      add(userObject("_generic_user_object"));
      add(userObject("trackable_list_wrapper"));
      add(userObject("signature_map"));
      addChild(0, VARIABLES, "variables");
      addChild(0, SIGNATURES, "signatures");
      graph.variables().forEach(this::addVariable);
      Map<String, String> names = new LinkedHashMap<>();
      for (Map.Entry<String, String> twin : TwinSignatures.firstOfEach(graph).entrySet()) {
        SignatureDef signature = graph.signature(twin.getKey());
        String name = names.get(twin.getValue());
        if (name == null) {
          name = newName();
          if (!addFunction(signature, name)) {
            return Optional.empty();
          }
          names.put(twin.getKey(), name);
        }
        addSignature(twin.getKey(), signature, name);
      }
      return Optional.of(new ObjectGraph(functions, objects.build(), checkpointed.build()));
    }

    private int add(SavedObject.Builder object) {
      objects.addNodes(object);
      checkpointed.addNodesBuilder();
      return objects.getNodesCount() - 1;
    }

    private static SavedObject.Builder userObject(String kind) {
      SavedObject.Builder object = SavedObject.newBuilder();
      object
          .getUserObjectBuilder()
          .setIdentifier(kind)
          .setVersion(VersionDef.newBuilder().setProducer(1).setMinConsumer(1));
      return object;
    }

    private void addChild(int parent, int child, String name) {
      var reference =
          TrackableObjectGraph.TrackableObject.ObjectReference.newBuilder()
              .setNodeId(child)
              .setLocalName(name)
              .build();
      objects.getNodesBuilder(parent).addChildren(reference);
      if (parent != SIGNATURES && child != SIGNATURES) { // functions have no state
        checkpointed.getNodesBuilder(parent).addChildren(reference);
      }
    }

    private void addVariable(String name, NodeDef node) {
      SavedObject.Builder object = SavedObject.newBuilder();
      object
          .getVariableBuilder()
          .setName(name)
          .setDtype(SaverNodes.dtype(node))
          .setShape(node.getAttrOrThrow("shape").getShape())
          .setTrainable(NodeReader.isFloating(SaverNodes.dtype(node)));
      int id = add(object);
      checkpointed
          .getNodesBuilder(id)
          .addAttributesBuilder()
          .setName(VALUE)
          .setFullName(name)
          .setCheckpointKey(key(name));
      addChild(VARIABLES, id, String.valueOf(idOfVariable.size()));
      idOfVariable.put(name, id);
    }

    private String newName() {
      String name = "signature_" + functions.size();
      while (isTaken(name)) {
        name += "_";
      }
      return name;
    }

    private boolean isTaken(String name) {
      return graph.library().getFunctionList().stream()
          .anyMatch(function -> function.getSignature().getName().equals(name));
    }

    private boolean addFunction(SignatureDef signature, String name) {
      Optional<SignatureFunction> function = SignatureFunction.of(graph, signature, name);
      function.ifPresent(
          found -> {
            functions.add(found.definition());
            objects.putConcreteFunctions(name, concrete(signature, found));
          });
      return function.isPresent()
          && functions.stream().mapToLong(FunctionDef::getSerializedSize).sum() <= MAX_FUNCTIONS;
    }

    private SavedConcreteFunction concrete(SignatureDef signature, SignatureFunction function) {
      SavedConcreteFunction.Builder result = SavedConcreteFunction.newBuilder();
      function
          .variables()
          .forEach(name -> result.addBoundInputs(idOfVariable.getOrDefault(name, 0)));
      StructuredValue none =
          StructuredValue.newBuilder().setTupleValue(TupleValue.getDefaultInstance()).build();
      result.setCanonicalizedInputSignature(
          StructuredValue.newBuilder()
              .setTupleValue(
                  TupleValue.newBuilder()
                      .addValues(none)
                      .addValues(byKey(signature.getInputsMap()))));
      result.setOutputSignature(byKey(signature.getOutputsMap()));
      return result.build();
    }

    private static StructuredValue byKey(Map<String, TensorInfo> tensors) {
      DictValue.Builder fields = DictValue.newBuilder();
      tensors.forEach(
          (key, tensor) ->
              fields.putFields(
                  key,
                  StructuredValue.newBuilder()
                      .setTensorSpecValue(
                          TensorSpecProto.newBuilder()
                              .setName(key)
                              .setShape(tensor.getTensorShape())
                              .setDtype(tensor.getDtype()))
                      .build()));
      return StructuredValue.newBuilder().setDictValue(fields).build();
    }

    /** One input may be given without its key, as there is no doubt which it is. */
    private void addSignature(String key, SignatureDef signature, String function) {
      SavedObject.Builder object = SavedObject.newBuilder();
      object
          .getBareConcreteFunctionBuilder()
          .setConcreteFunctionName(function)
          .addAllArgumentKeywords(new TreeMap<>(signature.getInputsMap()).keySet())
          .setAllowedPositionalArguments(signature.getInputsCount() == 1 ? 1 : 0);
      addChild(SIGNATURES, add(object), key);
    }
  }

  /** As the checkpoint has it: one text. */
  TensorProto checkpointValue() {
    return TensorProto.newBuilder()
        .setDtype(DataType.DT_STRING)
        .setTensorShape(TensorShapeProto.getDefaultInstance())
        .addStringVal(checkpointed.toByteString())
        .build();
  }
}
