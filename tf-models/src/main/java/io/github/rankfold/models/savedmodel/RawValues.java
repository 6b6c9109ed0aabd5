package io.github.rankfold.models.savedmodel;

import org.tensorflow.proto.DataType;
import org.tensorflow.proto.NodeDef;

/**
 * Values of types that TensorFlow has and TensorFlow Java has no class for: such a variable passes
 * through as bytes, [..., bytes of a value] where a value has more than one.
 */
public final class RawValues {
  private RawValues() {}

  /** Whether values of this type can be fetched and fed as bytes only. */
  public static boolean areOf(DataType type) {
    return switch (type) {
      case DT_INT8, DT_INT16, DT_UINT32, DT_UINT64, DT_COMPLEX64, DT_COMPLEX128 -> true;
      default -> false;
    };
  }

  /** The node that gives the bytes of {@code input}. */
  public static NodeDef toBytes(String name, String input, DataType type) {
    return cast(name, input, type, DataType.DT_UINT8);
  }

  /** The node that makes values of bytes. */
  static NodeDef fromBytes(String name, String input, DataType type) {
    return cast(name, input, DataType.DT_UINT8, type);
  }

  private static NodeDef cast(String name, String input, DataType from, DataType to) {
    return NodeWriter.node(name, "Bitcast").input(input).type("T", from).type("type", to).build();
  }
}
