package io.github.rankfold.models.savedmodel;

import io.github.rankfold.models.InvalidInputException;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.TensorProto;
import org.tensorflow.proto.TensorShapeProto;

/**
 * Adds up what the constants of a graph will take once read: a file may spell a huge one out in a
 * few bytes, as one value for all entries.
 */
final class ConstantSizes {
  /** What all constants may take beyond their bytes in the file. */
  private static final long MAX_GROWTH = 512L << 20;

  private static final int MAX_AXES = 254;

  private long growth;

  /** Counts the constants in an attribute; {@code at} says whose it is. */
  void add(AttrValue value, String at) {
    if (value.hasTensor()) {
      add(value.getTensor(), at);
    }
    value.getList().getTensorList().forEach(tensor -> add(tensor, at));
  }

  private void add(TensorProto tensor, String at) {
    long bytes = bytes(tensor.getTensorShape(), tensor.getDtype(), at);
    long content = tensor.getTensorContent().size();
    boolean text = tensor.getDtype() == DataType.DT_STRING;
    if (content > 0 && content != bytes && !text && width(tensor.getDtype()) > 0) {
      throw new InvalidInputException(
          "%s: expected a constant of %d bytes, as its shape says, found %d"
              .formatted(at, bytes, content));
    }
    growth += Math.max(0, bytes - tensor.getSerializedSize());
    if (growth > MAX_GROWTH) {
      throw new InvalidInputException(
          "%s: expected constants that take at most %d MB beyond their bytes in the file, found more"
              .formatted(at, MAX_GROWTH >> 20));
    }
  }

  private static long bytes(TensorShapeProto shape, DataType type, String at) {
    if (shape.getDimCount() > MAX_AXES) {
      throw new InvalidInputException(
          "%s: expected a constant of at most %d axes, found %d"
              .formatted(at, MAX_AXES, shape.getDimCount()));
    }
    // The bytes of a text are counted as 24, what an empty one takes.
    long bytes = Math.max(1, type == DataType.DT_STRING ? 24 : width(type));
    for (TensorShapeProto.Dim dim : shape.getDimList()) {
      if (dim.getSize() < 0 || dim.getSize() > Integer.MAX_VALUE) {
        throw new InvalidInputException(
            "%s: expected a constant with sizes from 0 to %d, found %d"
                .formatted(at, Integer.MAX_VALUE, dim.getSize()));
      }
      bytes = dim.getSize() == 0 ? 0 : Math.min(bytes * dim.getSize(), Integer.MAX_VALUE + 1L);
    }
    return bytes;
  }

  /** The bytes of one value; 0 for types of no fixed width. */
  static int width(DataType type) {
    return switch (type) {
      case DT_BOOL, DT_INT8, DT_UINT8, DT_QINT8, DT_QUINT8, DT_FLOAT8_E5M2, DT_FLOAT8_E4M3FN -> 1;
      case DT_HALF, DT_BFLOAT16, DT_INT16, DT_UINT16, DT_QINT16, DT_QUINT16 -> 2;
      case DT_FLOAT, DT_INT32, DT_UINT32, DT_QINT32 -> 4;
      case DT_DOUBLE, DT_INT64, DT_UINT64, DT_COMPLEX64 -> 8;
      case DT_COMPLEX128 -> 16;
      default -> 0;
    };
  }
}
