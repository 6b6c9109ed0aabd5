package io.github.rankfold.models.savedmodel;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import io.github.rankfold.models.InvalidInputException;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.tensorflow.TensorFlow;
import org.tensorflow.internal.c_api.TF_Buffer;
import org.tensorflow.internal.c_api.global.tensorflow;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.OpDef;

/** What TensorFlow's runtime knows of every operation: its outputs, whether it is stateful. */
public final class OperationRegistry {
  /**
   * Of some fifteen hundred a model has a hundred: a definition is parsed where it is asked for.
   */
  private final Map<String, ByteString> serialized;

  private final Map<String, OpDef> parsed = new ConcurrentHashMap<>();

  private OperationRegistry(Map<String, ByteString> serialized) {
    this.serialized = serialized;
  }

  /** The operations of the loaded runtime; read once, as it is the same for the whole process. */
  public static OperationRegistry ofRuntime() {
    return Holder.INSTANCE;
  }

  /** The definition of an operation, or null for one that this runtime does not have. */
  public @Nullable OpDef find(String operation) {
    ByteString bytes = serialized.get(operation);
    return bytes == null ? null : parsed.computeIfAbsent(operation, name -> parse(bytes));
  }

  OpDef get(NodeDef node) {
    OpDef definition = find(node.getOp());
    if (definition == null) {
      throw new InvalidInputException(
          "node %s: expected an operation of TensorFlow %s, found %s"
              .formatted(node.getName(), TensorFlow.version(), node.getOp()));
    }
    return definition;
  }

  /** How many tensors an output argument stands for: lists have a length that the node tells. */
  static int width(OpDef.ArgDef argument, NodeDef node) {
    if (!argument.getNumberAttr().isEmpty()) {
      return Math.toIntExact(node.getAttrOrThrow(argument.getNumberAttr()).getI());
    }
    if (!argument.getTypeListAttr().isEmpty()) {
      return node.getAttrOrThrow(argument.getTypeListAttr()).getList().getTypeCount();
    }
    return 1;
  }

  /**
   * The number of the output that a function's body calls {@code name:offset}, or -1 where there is
   * none. A graph numbers all outputs of a node, a function body those of each argument.
   *
   * @param definition of the node's operation, or the signature of the function that it calls
   */
  static int outputIndex(OpDef definition, NodeDef node, String name, int offset) {
    int index = offset;
    for (OpDef.ArgDef output : definition.getOutputArgList()) {
      if (output.getName().equals(name)) {
        return index;
      }
      index += width(output, node);
    }
    return -1;
  }

  /** The other way round: what a function's body calls output {@code index} of a node. */
  static String outputName(OpDef definition, NodeDef node, int index) {
    int left = index;
    for (OpDef.ArgDef output : definition.getOutputArgList()) {
      int width = width(output, node);
      if (left < width) {
        return output.getName() + ":" + left;
      }
      left -= width;
    }
    throw new InvalidInputException(
        "node %s: expected an output %d, found %d outputs"
            .formatted(node.getName(), index, index - left));
  }

  private static OpDef parse(ByteString bytes) {
    try {
      return OpDef.parseFrom(bytes);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("TensorFlow's list of operations cannot be read", e);
    }
  }

  /** The definitions in an {@code OpList}, by the names that they begin with. */
  private static Map<String, ByteString> byName(CodedInputStream list) throws IOException {
    Map<String, ByteString> byName = new HashMap<>();
    for (int tag = list.readTag(); tag != 0; tag = list.readTag()) {
      ByteString definition = list.readBytes();
      CodedInputStream fields = definition.newCodedInput();
      fields.readTag();
      byName.put(fields.readString(), definition);
    }
    return byName;
  }

  private static final class Holder {
    static final OperationRegistry INSTANCE = read();

    private static OperationRegistry read() {
      TF_Buffer list = tensorflow.TF_GetAllOpList();
      try {
        return new OperationRegistry(byName(CodedInputStream.newInstance(list.dataAsByteBuffer())));
      } catch (IOException e) {
        throw new IllegalStateException("TensorFlow's list of operations cannot be read", e);
      } finally {
        tensorflow.TF_DeleteBuffer(list);
      }
    }
  }
}
