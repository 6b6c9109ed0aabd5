package io.github.rankfold.models.savedmodel;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.protobuf.ByteString;
import io.github.rankfold.models.InvalidInputException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.TensorProto;
import org.tensorflow.proto.TensorShapeProto;

class ConstantSizesTest {
  private static final long MEGABYTE = 1 << 20;

  private static AttrValue constant(DataType type, int bytes, long... sizes) {
    TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
    for (long size : sizes) {
      shape.addDim(TensorShapeProto.Dim.newBuilder().setSize(size));
    }
    TensorProto.Builder tensor = TensorProto.newBuilder().setDtype(type).setTensorShape(shape);
    if (bytes > 0) {
      tensor.setTensorContent(ByteString.copyFrom(new byte[bytes]));
    }
    return AttrValue.newBuilder().setTensor(tensor).build();
  }

  private static String refusal(ConstantSizes sizes, AttrValue value) {
    return String.valueOf(
        assertThrows(InvalidInputException.class, () -> sizes.add(value, "node c")).getMessage());
  }

  @Test
  void contentMustBeWhatTheShapeSays() {
    assertDoesNotThrow(
        () -> new ConstantSizes().add(constant(DataType.DT_FLOAT, 24, 2, 3), "node c"));
    assertEquals(
        "node c: expected a constant of 24 bytes, as its shape says, found 20",
        refusal(new ConstantSizes(), constant(DataType.DT_FLOAT, 20, 2, 3)));
  }

  @Test
  void hugeConstantsOfOneValueAddUp() {
    ConstantSizes sizes = new ConstantSizes();
    AttrValue half = constant(DataType.DT_FLOAT, 0, 64, MEGABYTE); // 256 MB of one value
    sizes.add(half, "node a");
    sizes.add(constant(DataType.DT_DOUBLE, 0, 0, 1L << 30), "node b"); // empty
    String message =
        "node c: expected constants that take at most 512 MB beyond their bytes in the file,"
            + " found more";
    sizes.add(half, "node b");
    assertEquals(message, refusal(sizes, half));
    assertEquals(message, refusal(new ConstantSizes(), constant(DataType.DT_STRING, 0, 1L << 30)));
  }

  @ParameterizedTest
  @ValueSource(longs = {-1, 1L << 31, Long.MIN_VALUE})
  void sizesThatNoConstantHas(long size) {
    assertEquals(
        "node c: expected a constant with sizes from 0 to 2147483647, found " + size,
        refusal(new ConstantSizes(), constant(DataType.DT_INT32, 0, 3, size)));
  }

  @Test
  void moreAxesThanTensorFlowHas() {
    assertEquals(
        "node c: expected a constant of at most 254 axes, found 255",
        refusal(new ConstantSizes(), constant(DataType.DT_INT32, 0, new long[255])));
  }
}
