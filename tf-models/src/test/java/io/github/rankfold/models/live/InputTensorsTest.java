package io.github.rankfold.models.live;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.rankfold.models.InvalidInputException;
import io.github.rankfold.models.data.Features;
import io.github.rankfold.models.data.LabeledData;
import io.github.rankfold.models.data.SampleArray;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tensorflow.Tensor;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.proto.DataType;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;

class InputTensorsTest {
  private static final Shape TWO = Shape.of(Shape.UNKNOWN_SIZE, 2);

  private static LabeledData data(double... values) {
    int samples = values.length / 2;
    return new LabeledData(
        "ids", Features.ofDoubles(values, 2), List.of(2), new int[samples], List.of("a"));
  }

  private static Tensor of(
      LabeledData data, int from, int to, Shape expected, DataType type, String where) {
    return InputTensors.of(data, data.arrays().get(0), from, to, expected, type, where);
  }

  @Test
  void wholeNumbersAreFedAsTheyAre() {
    LabeledData data = data(0, 1, -2, 2147483647, 5, 6);
    try (Tensor ids = of(data, 1, 3, TWO, DataType.DT_INT32, "x")) {
      int[] values = new int[4];
      ((TInt32) ids).copyTo(DataBuffers.of(values, false, false));
      assertArrayEquals(new int[] {-2, 2147483647, 5, 6}, values);
      assertEquals(Shape.of(2, 2), ids.shape());
    }
  }

  @Test
  void longsHoldWhatIntsCannot() {
    LabeledData data = data(3e9, -9007199254740992.0);
    try (Tensor ids = of(data, 0, 1, TWO, DataType.DT_INT64, "x")) {
      long[] values = new long[2];
      ((TInt64) ids).copyTo(DataBuffers.of(values, false, false));
      assertArrayEquals(new long[] {3_000_000_000L, -(1L << 53)}, values);
    }
  }

  @ParameterizedTest(name = "{0} for {1}")
  @CsvSource({
    "0.5, DT_INT32, -2147483648, 2147483647",
    "2147483648, DT_INT32, -2147483648, 2147483647",
    "-2147483649, DT_INT32, -2147483648, 2147483647",
    "1e-9, DT_INT64, -9007199254740992, 9007199254740992",
    "1e16, DT_INT64, -9007199254740992, 9007199254740992"
  })
  void nothingIsRounded(double value, DataType type, String least, String most) {
    LabeledData data = data(0, 0, 1, 1, 2, value);
    assertEquals(
        "model: input x: expected whole numbers from %s to %s, found %s at sample 2, value 1 of ids"
            .formatted(least, most, value),
        assertThrows(InvalidInputException.class, () -> of(data, 1, 3, TWO, type, "model: input x"))
            .getMessage());
  }

  @ParameterizedTest
  @CsvSource({"-1 -1 -1 3", "-1 -1 -1 -1", "-1 2 -1 3"})
  void severalOpenAxesAreThoseOfTheSamples(String declared) {
    LabeledData images = images(2, 4, 3);
    long[] sizes = Arrays.stream(declared.split(" ", -1)).mapToLong(Long::parseLong).toArray();
    try (Tensor input = of(images, 0, 2, Shape.of(sizes), DataType.DT_FLOAT, "x")) {
      assertEquals(Shape.of(2, 2, 4, 3), input.shape());
    }
  }

  @ParameterizedTest
  @CsvSource({"-1 -1 -1 1, '[?, ?, 1]'", "-1 -1 -1, '[?, ?]'"})
  void samplesThatDoNotFitSeveralOpenAxesAreRefused(String declared, String shown) {
    long[] sizes = Arrays.stream(declared.split(" ", -1)).mapToLong(Long::parseLong).toArray();
    assertEquals(
        "x: expected samples of shape %s, found images of shape [2, 4, 3]".formatted(shown),
        assertThrows(
                InvalidInputException.class,
                () -> of(images(2, 4, 3), 0, 2, Shape.of(sizes), DataType.DT_FLOAT, "x"))
            .getMessage());
  }

  @ParameterizedTest
  @CsvSource({"-1 24", "-1 -1", "-1 2 4 3 1", "-1 1 2 4 3", "-1 2 -1 3"})
  void samplesAreReshapedWhereNothingMoves(String declared) {
    long[] sizes = Arrays.stream(declared.split(" ", -1)).mapToLong(Long::parseLong).toArray();
    try (Tensor input = of(images(2, 4, 3), 0, 2, Shape.of(sizes), DataType.DT_FLOAT, "x")) {
      assertEquals(48, input.shape().size());
      assertEquals(sizes.length, input.shape().numDimensions());
    }
    try (Tensor input = of(images(1, 24, 1), 0, 2, Shape.of(-1, 2, 4, 3), DataType.DT_FLOAT, "x")) {
      assertEquals(Shape.of(2, 2, 4, 3), input.shape());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "-1 3 2 4, '[3, 2, 4]', ': transpose them'",
    "-1 -1 -1 4, '[?, ?, 4]', ': transpose them'",
    "-1 3 2 -1, '[3, 2, ?]', ': transpose them'",
    "-1 8 3, '[8, 3]', ''",
    "-1 -1 3, '[?, 3]', ''",
    "-1 4 6, '[4, 6]', ''",
  })
  void samplesOfAnotherShapeAreRefusedThoughTheyHaveAsManyValues(
      String declared, String shown, String hint) {
    long[] sizes = Arrays.stream(declared.split(" ", -1)).mapToLong(Long::parseLong).toArray();
    assertEquals(
        "x: expected samples of shape %s, found images of shape [2, 4, 3]%s".formatted(shown, hint),
        assertThrows(
                InvalidInputException.class,
                () -> of(images(2, 4, 3), 0, 2, Shape.of(sizes), DataType.DT_FLOAT, "x"))
            .getMessage());
  }

  @Test
  void aFixedBatchIsToldApartFromAShape() {
    Shape two = Shape.of(2, 2, 4, 3);
    of(images(2, 4, 3), 0, 2, two, DataType.DT_FLOAT, "x").close();
    assertEquals(
        "x: expected an open first axis, found one of 2: the model takes 2 sample(s) a call, no more"
            + " and no less; export it with a batch of any size",
        assertThrows(
                InvalidInputException.class,
                () -> of(images(2, 4, 3), 0, 3, two, DataType.DT_FLOAT, "x"))
            .getMessage());
  }

  private static LabeledData images(int height, int width, int channels) {
    int size = height * width * channels;
    return new LabeledData(
        "images",
        Features.ofFloats(new float[3 * size], size),
        List.of(height, width, channels),
        new int[3],
        List.of("a"));
  }

  @Test
  void otherTypesAreRefusedByName() {
    assertEquals(
        "x: expected an input of a floating type, bytes, int32, int64, bool or text, found"
            + " DT_COMPLEX64",
        assertThrows(
                InvalidInputException.class,
                () -> of(data(0, 1), 0, 1, TWO, DataType.DT_COMPLEX64, "x"))
            .getMessage());
  }

  @Test
  void scaledBytesAreBytesAgain() {
    byte[] stored = {0, 7, (byte) 200, (byte) 255};
    LabeledData data =
        new LabeledData(
            "bytes",
            Features.ofBytes(ByteBuffer.wrap(stored), 2, 1 / 255.0),
            List.of(2),
            new int[2],
            List.of("a"));
    try (Tensor fed = of(data, 0, 2, TWO, DataType.DT_UINT8, "x");
        Tensor scaled = of(data(0, 0.2, 1, 0.6), 0, 2, TWO, DataType.DT_UINT8, "x")) {
      assertArrayEquals(stored, bytes(fed));
      assertArrayEquals(new byte[] {0, 51, (byte) 255, (byte) 153}, bytes(scaled));
    }
  }

  @Test
  void integersAreFedAsBytesInEveryBatch() {
    LabeledData data = data(0, 1, 255, 6);
    SampleArray whole = new SampleArray("", List.of(2), 0, 2, SampleArray.Kind.WHOLE_NUMBERS);
    try (Tensor dark = InputTensors.of(data, whole, 0, 1, TWO, DataType.DT_UINT8, "x");
        Tensor all = InputTensors.of(data, whole, 0, 2, TWO, DataType.DT_UINT8, "x")) {
      assertArrayEquals(new byte[] {0, 1}, bytes(dark));
      assertArrayEquals(new byte[] {0, 1, (byte) 255, 6}, bytes(all));
    }
    assertEquals(
        "x: expected integers, or numbers from 0 to 1 for bytes, found 255.0 at sample 1, value 0 of"
            + " ids",
        assertThrows(InvalidInputException.class, () -> of(data, 0, 2, TWO, DataType.DT_UINT8, "x"))
            .getMessage());
  }

  private static byte[] bytes(Tensor tensor) {
    byte[] values = new byte[(int) tensor.shape().size()];
    tensor.asRawTensor().data().read(values);
    return values;
  }

  @Test
  void flagsAreZerosAndOnes() {
    try (Tensor flags = of(data(0, 1), 0, 1, TWO, DataType.DT_BOOL, "x")) {
      assertFalse(((TBool) flags).getBoolean(0, 0));
      assertTrue(((TBool) flags).getBoolean(0, 1));
    }
    assertThrows(
        InvalidInputException.class, () -> of(data(0, 2), 0, 1, TWO, DataType.DT_BOOL, "x"));
  }
}
