package io.github.rankfold.models.data;

import static io.github.rankfold.models.data.ErrorMessages.assertRefused;
import static io.github.rankfold.models.data.ErrorMessages.refusal;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NpzFileTest {
  private static final Path ARRAYS = Path.of("src/test/resources/data/arrays.npz");

  private static final String NO_ARCHIVE =
      ": expected an .npz archive of arrays, as numpy.savez writes it, found ";

  private final Path folder;
  private final NpzFile npz = NpzFile.open(ARRAYS);

  NpzFileTest(@TempDir Path folder) {
    this.folder = folder;
  }

  @ParameterizedTest
  @ValueSource(strings = {"i1", "i2", "i4", "i8", "f2", "f4", "f8"})
  void readsSignedTypes(String code) {
    NpyArray array = npz.array(code);
    assertEquals(code, array.dtype());
    assertEquals(List.of(2, 3), array.shape());
    assertArrayEquals(new double[] {-2, -1, 0, 1, 2, 3}, array.toDoubles());
    assertArrayEquals(new float[] {-2, -1, 0, 1, 2, 3}, array.toFloats());
  }

  @ParameterizedTest
  @ValueSource(strings = {"u1", "u2", "u4"})
  void readsUnsignedTypes(String code) {
    assertArrayEquals(new double[] {2, 1, 0, 1, 2, 3}, npz.array(code).toDoubles());
  }

  @ParameterizedTest
  @ValueSource(strings = {"i1", "i2", "i4", "i8"})
  void givesIntegersAsInts(String code) {
    assertTrue(npz.array(code).isInteger());
    assertArrayEquals(new int[] {-2, -1, 0, 1, 2, 3}, npz.array(code).toInts());
  }

  @Test
  void unsignedBytesAreNotNegative() {
    assertArrayEquals(new int[] {0, 255}, npz.array("unsigned_extremes").toInts());
  }

  @Test
  void booleansAreZeroAndOne() {
    assertArrayEquals(new int[] {0, 0, 0, 1, 1, 1}, npz.array("b1").toInts());
  }

  @Test
  void fortranOrderComesOutInCOrder() {
    NpyArray array = npz.array("fortran");
    assertEquals(List.of(2, 3, 4), array.shape());
    assertArrayEquals(IntStream.range(0, 24).asDoubleStream().toArray(), array.toDoubles());
  }

  @Test
  void aNumberHasAnEmptyShape() {
    assertEquals(List.of(), npz.array("number").shape());
    assertArrayEquals(new double[] {1.5}, npz.array("number").toDoubles());
  }

  @Test
  void anEmptyArrayKeepsItsShape() {
    assertEquals(List.of(0, 3), npz.array("empty").shape());
    assertEquals(0, npz.array("empty").toDoubles().length);
  }

  @Test
  void readsDeflatedArchives() {
    NpzFile deflated = NpzFile.open(Path.of("src/test/resources/data/deflated.npz"));
    assertEquals(List.of("x", "y"), deflated.keys());
    assertEquals(999, deflated.array("x").toDoubles()[999]);
    assertArrayEquals(IntStream.range(0, 10).toArray(), deflated.array("y").toInts());
  }

  @Test
  void readsHalfPrecisionIncludingSubnormalsAndNonFinite() {
    double[] expected = {
      1,
      -2.5,
      65504,
      0x1p-24, // the least subnormal
      0x1.ff8p-15, // the largest
      Double.POSITIVE_INFINITY,
      Double.NEGATIVE_INFINITY,
      Double.NaN,
      0.0999755859375
    };
    assertArrayEquals(
        expected, NpyArray.read(Path.of("src/test/resources/data/half.npy")).toDoubles());
  }

  @Test
  void whatLeavesIsACopy() {
    NpyArray array = npz.array("f8");
    Arrays.fill(array.toDoubles(), 7);
    assertEquals(-2, array.toDoubles()[0]);
  }

  @Test
  void missingKeyListsTheKeysFound() {
    NpzFile deflated = NpzFile.open(Path.of("src/test/resources/data/deflated.npz"));
    assertFalse(deflated.has("z"));
    assertRefused(
        "src/test/resources/data/deflated.npz: expected an array \"z\", found x, y",
        () -> deflated.array("z"));
  }

  @ParameterizedTest
  @CsvSource({
    "big_endian, >f8",
    "complex, <c16",
    "structured, a structured type",
  })
  void otherTypesAreNamed(String key, String found) {
    assertRefused(
        ARRAYS
            + ": array "
            + key
            + ": expected a little-endian dtype among b1, i1, i2, i4, i8, u1, u2, u4, f2, f4, f8,"
            + " or U or S for text, found "
            + found,
        () -> npz.array(key));
  }

  @Test
  void textIsCodePoints() {
    NpyArray text = npz.array("text");
    assertTrue(text.isText());
    assertFalse(text.isInteger());
    assertEquals("U", text.dtype());
    assertEquals(List.of(1, 1), text.shape());
    assertArrayEquals(new double[] {'a'}, text.toDoubles());
    assertRefused(ARRAYS + ": array text: expected integers, found text", text::toInts);
    assertArrayEquals(new double[] {'a'}, npz.array("bytes_of_text").toDoubles());
  }

  @Test
  void floatsAreNoIntegers() {
    assertRefused(
        ARRAYS + ": array f4: expected integers, found float32", () -> npz.array("f4").toInts());
  }

  @Test
  void integersBeyondIntAreRefusedNotWrapped() {
    assertRefused(
        ARRAYS + ": array beyond_int: value 1: expected a 32-bit integer, found 1099511627776",
        () -> npz.array("beyond_int").toInts());
  }

  @Test
  void missingFileFolderAndEmptyFile() throws IOException {
    Path missing = folder.resolve("missing.npz");
    assertRefused(missing + ": no such file", () -> NpzFile.open(missing));
    assertRefused(folder + ": expected a file, found a folder", () -> NpzFile.open(folder));
    Path empty = Files.createFile(folder.resolve("empty.npz"));
    assertRefused(empty + NO_ARCHIVE + "an empty file", () -> NpzFile.open(empty));
  }

  @Test
  void truncatedArchive() throws IOException {
    byte[] whole = Files.readAllBytes(ARRAYS);
    Path file = Files.write(folder.resolve("cut.npz"), Arrays.copyOf(whole, whole.length / 2));
    assertRefused(file + NO_ARCHIVE + "one that is cut off or damaged", () -> NpzFile.open(file));
  }

  @Test
  void filesOfOtherKinds() throws IOException {
    Path array = Path.of("src/test/resources/data/half.npy");
    assertRefused(
        array + NO_ARCHIVE + "one .npy array, as numpy.save writes it", () -> NpzFile.open(array));
    Path text = Files.writeString(folder.resolve("data.csv"), "x,y\n1,2\n");
    assertRefused(text + NO_ARCHIVE + "a file of another kind", () -> NpzFile.open(text));
  }

  @Test
  void damagedBytesAreFoundByTheChecksum() throws IOException {
    byte[] bytes = Files.readAllBytes(ARRAYS);
    // The first array, i1, is stored: its six values end where the next local header begins.
    int value = new String(bytes, StandardCharsets.ISO_8859_1).indexOf("PK", 4) - 1;
    bytes[value] ^= 1;
    Path file = Files.write(folder.resolve("damaged.npz"), bytes);
    String message = refusal(() -> NpzFile.open(file).array("i1"));
    assertTrue(
        message.matches(
            ".*array i1: expected checksum [0-9a-f]{8}, found [0-9a-f]{8}: the file is damaged"),
        message);
  }

  @ParameterizedTest(name = "first {0} bytes")
  @CsvSource({
    "0, 'expected a .npy array, found no bytes'",
    "7, 'expected a .npy array, found other content or a truncated header'",
    "20, 'truncated: expected a .npy header of 118 bytes, found 10'",
    "140, 'truncated: expected 18 bytes for shape [9] of float16, found 12'",
  })
  void truncatedArray(int length, String problem) throws IOException {
    byte[] whole = Files.readAllBytes(Path.of("src/test/resources/data/half.npy"));
    Path file = Files.write(folder.resolve("cut.npy"), Arrays.copyOf(whole, length));
    assertRefused(file + ": " + problem, () -> NpyArray.read(file));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{'descr': '<f8', 'fortran_order': False, 'shape': (99999999999,), }"
            + "|expected sizes below 2^31, found shape (99999999999,)",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (65536, 65536), }"
            + "|expected an array below 2 GiB, found shape [65536, 65536] of float64",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (1000000,), }"
            + "|truncated: expected 8000000 bytes for shape [1000000] of float64, found 0",
        "{'descr': '<f8', 'shape': (3,), }"
            + "|expected descr, fortran_order and shape in the .npy header, found"
            + " {'descr': '<f8', 'shape': (3,), }",
      })
  void headersThatCannotBe(String header, String problem) throws IOException {
    byte[] start = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, (byte) header.length(), 0};
    byte[] bytes = Arrays.copyOf(start, start.length + header.length());
    System.arraycopy(
        header.getBytes(StandardCharsets.US_ASCII), 0, bytes, start.length, header.length());
    Path file = Files.write(folder.resolve("header.npy"), bytes);
    assertRefused(file + ": " + problem, () -> NpyArray.read(file));
  }
}
