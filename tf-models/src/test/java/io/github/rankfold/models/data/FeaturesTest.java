package io.github.rankfold.models.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** One table, 0..11999 mod 251 in rows of 3, in every storage. */
class FeaturesTest {
  /** More than one chunk of every storage. */
  private static final int ROWS = 4000;

  private static final int WIDTH = 3;

  static Stream<Features> everyStorage() {
    byte[] bytes = new byte[ROWS * WIDTH];
    float[] floats = new float[ROWS * WIDTH];
    double[] doubles = new double[ROWS * WIDTH];
    for (int i = 0; i < doubles.length; i++) {
      bytes[i] = (byte) (i % 251);
      floats[i] = i % 251;
      doubles[i] = i % 251;
    }
    ByteBuffer direct = ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
    Features tail = Features.ofDoubles(concat(new double[] {7, 7, 7}, doubles), WIDTH);
    return Stream.of(
        Features.ofBytes(ByteBuffer.wrap(bytes), WIDTH, 1),
        Features.ofBytes(direct, WIDTH, 1),
        Features.ofFloats(floats, WIDTH),
        Features.ofDoubles(doubles, WIDTH),
        tail.range(1, ROWS + 1));
  }

  @ParameterizedTest
  @MethodSource("everyStorage")
  void copiesAnyRangeIntoFloatsAndDoubles(Features features) {
    assertEquals(ROWS, features.samples());
    assertEquals(WIDTH, features.width());
    for (int[] range : new int[][] {{0, ROWS}, {1, 2}, {5, 5}, {ROWS, ROWS}, {100, 3999}}) {
      float[] floats = floats(features, range[0], range[1]);
      double[] doubles = doubles(features, range[0], range[1]);
      for (int i = 0; i < doubles.length; i++) {
        assertEquals((range[0] * WIDTH + i) % 251, doubles[i]);
        assertEquals((range[0] * WIDTH + i) % 251, floats[i]);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("everyStorage")
  void appendsWhereTheTargetStands(Features features) {
    FloatBuffer target = FloatBuffer.allocate(7).position(1);
    features.copy(0, 1, target);
    features.copy(2, 3, target);
    assertArrayEquals(new float[] {0, 0, 1, 2, 6, 7, 8}, target.array());
  }

  @ParameterizedTest
  @MethodSource("everyStorage")
  void rangesOfRangesCountFromTheirStart(Features features) {
    Features part = features.range(10, 20).range(2, 4);
    assertEquals(2, part.samples());
    assertArrayEquals(new double[] {36, 37, 38, 39, 40, 41}, doubles(part, 0, 2));
    assertArrayEquals(new double[] {39, 40, 41}, doubles(part, 1, 2));
  }

  @ParameterizedTest
  @MethodSource("everyStorage")
  void selectsRowsInAnyOrderAndTwice(Features features) {
    Features part = features.select(new int[] {3, 0, 3});
    assertArrayEquals(new double[] {9, 10, 11, 0, 1, 2, 9, 10, 11}, doubles(part, 0, 3));
    assertEquals(0, features.select(new int[0]).samples());
  }

  @ParameterizedTest
  @MethodSource("everyStorage")
  void rowsOutsideAreRefused(Features features) {
    DoubleBuffer target = DoubleBuffer.allocate(100);
    FloatBuffer floats = FloatBuffer.allocate(100);
    assertThrows(IndexOutOfBoundsException.class, () -> features.copy(ROWS - 1, ROWS + 1, target));
    assertThrows(IndexOutOfBoundsException.class, () -> features.copy(-1, 1, floats));
    assertThrows(IndexOutOfBoundsException.class, () -> features.range(2, 1));
    assertThrows(IndexOutOfBoundsException.class, () -> features.select(new int[] {ROWS}));
    // A part must not reach beyond itself into the table that it belongs to.
    Features part = features.range(5, 10);
    assertThrows(IndexOutOfBoundsException.class, () -> part.copy(4, 6, target));
    assertThrows(IndexOutOfBoundsException.class, () -> part.select(new int[] {5}));
  }

  @ParameterizedTest
  @MethodSource("everyStorage")
  void aTargetTooSmallIsRefused(Features features) {
    assertThrows(BufferOverflowException.class, () -> features.copy(0, 2, FloatBuffer.allocate(5)));
    assertThrows(
        BufferOverflowException.class, () -> features.copy(0, 2, DoubleBuffer.allocate(5)));
  }

  @Test
  void scaledBytesEqualTheFloatDivision() {
    byte[] all = new byte[256];
    for (int i = 0; i < 256; i++) {
      all[i] = (byte) i;
    }
    ByteFeatures features = Features.ofBytes(ByteBuffer.wrap(all), 256, 1.0 / 255);
    float[] values = floats(features, 0, 1);
    double[] doubles = doubles(features, 0, 1);
    for (int i = 0; i < 256; i++) {
      assertEquals(i / 255f, values[i], "byte " + i);
      assertEquals(i / 255.0, doubles[i], Math.ulp(1.0));
    }
  }

  @Test
  void handsOutStoredBytesAndTheirScale() {
    ByteBuffer bytes = ByteBuffer.wrap(new byte[] {9, 1, 2, 3, -1, 9}, 1, 4);
    ByteFeatures features = Features.ofBytes(bytes, 2, 0.5);
    ByteBuffer target = ByteBuffer.allocate(2);
    features.copyBytes(1, 2, target);
    assertArrayEquals(new byte[] {3, -1}, target.array());
    assertEquals(0.5, features.scale());
    assertArrayEquals(new double[] {1.5, 127.5}, doubles(features, 1, 2));
    assertEquals(4, bytes.remaining(), "the caller's buffer must not move");
  }

  @Test
  void publicFactoriesCopyArrays() {
    double[] doubles = {1, 2};
    float[] floats = {1, 2};
    Features ofDoubles = Features.ofDoubles(doubles, 1);
    Features ofFloats = Features.ofFloats(floats, 1);
    doubles[0] = 7;
    floats[0] = 7;
    assertArrayEquals(new double[] {1, 2}, doubles(ofDoubles, 0, 2));
    assertArrayEquals(new double[] {1, 2}, doubles(ofFloats, 0, 2));
  }

  @Test
  void doublesStayDoubles() {
    assertArrayEquals(new double[] {0.1}, doubles(Features.ofDoubles(new double[] {0.1}, 1), 0, 1));
  }

  @Test
  void tablesThatCannotBeAreRefused() {
    assertEquals("width must be > 0, was 0", problem(() -> Features.ofFloats(new float[3], 0)));
    assertEquals(
        "expected whole rows of 2 values, found 3 values",
        problem(() -> Features.ofDoubles(new double[3], 2)));
    assertEquals(
        "scale must be > 0 and finite, was NaN",
        problem(() -> Features.ofBytes(ByteBuffer.allocate(3), 1, Double.NaN)));
  }

  private static String problem(Executable code) {
    return String.valueOf(assertThrows(IllegalArgumentException.class, code).getMessage());
  }

  private static double[] doubles(Features features, int from, int to) {
    DoubleBuffer target = DoubleBuffer.allocate((to - from) * features.width());
    features.copy(from, to, target);
    return target.array();
  }

  private static float[] floats(Features features, int from, int to) {
    FloatBuffer target = FloatBuffer.allocate((to - from) * features.width());
    features.copy(from, to, target);
    return target.array();
  }

  private static double[] concat(double[] first, double[] second) {
    return DoubleBuffer.allocate(first.length + second.length).put(first).put(second).array();
  }
}
