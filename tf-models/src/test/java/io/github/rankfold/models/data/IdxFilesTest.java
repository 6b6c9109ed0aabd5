package io.github.rankfold.models.data;

import static io.github.rankfold.models.data.ErrorMessages.assertRefused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IdxFilesTest {
  private static final int IMAGES = 0x803;
  private static final int LABELS = 0x801;
  private static final String TRAIN_IMAGES = "train-images-idx3-ubyte";
  private static final String TRAIN_LABELS = "train-labels-idx1-ubyte";
  private static final String TEST_IMAGES = "t10k-images-idx3-ubyte";
  private static final String TEST_LABELS = "t10k-labels-idx1-ubyte";

  private final Path folder;

  IdxFilesTest(@TempDir Path folder) {
    this.folder = folder;
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ".gz"})
  void readsPlainAndGzippedFiles(String suffix) throws IOException {
    writeFourFiles(suffix);
    DataSplit split = IdxFiles.load(folder);
    LabeledData train = split.train();
    assertEquals(List.of(2, 3), train.featureShape());
    assertArrayEquals(new int[] {9, 0}, DataArrays.labels(train));
    assertEquals(1.0, DataArrays.features(train)[0]);
    assertEquals(2 / 255.0, DataArrays.features(train)[1], 1e-16);
    assertArrayEquals(new int[] {3}, DataArrays.labels(split.test().orElseThrow()));
    assertEquals(10, train.classes());
    assertEquals("idx:" + folder + "?split=test", split.test().orElseThrow().name());
  }

  @Test
  void bytesAreHandedOutAsStored() throws IOException {
    writeFourFiles("");
    ByteFeatures features =
        assertInstanceOf(ByteFeatures.class, IdxFiles.load(folder).train().features());
    ByteBuffer target = ByteBuffer.allocate(6);
    features.copyBytes(1, 2, target);
    assertArrayEquals(new byte[] {7, 8, 9, 10, 11, 12}, target.array());
    assertEquals(1.0 / 255, features.scale());
  }

  @Test
  void gzippedAndPlainFilesAreTheSameData() throws IOException {
    writeFourFiles("");
    String plain = IdxFiles.load(folder).train().sha256();
    Files.delete(folder.resolve(TRAIN_IMAGES));
    write(
        TRAIN_IMAGES + ".gz",
        idx(IMAGES, new int[] {2, 2, 3}, -1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12));
    assertEquals(plain, IdxFiles.load(folder).train().sha256());
  }

  @Test
  void theTestPartMayBeAbsent() throws IOException {
    writeFourFiles("");
    Files.delete(folder.resolve(TEST_IMAGES));
    assertTrue(IdxFiles.load(folder).test().isEmpty());
  }

  @Test
  void readsTheSpellingWithADot() throws IOException {
    writeFourFiles("");
    Files.move(folder.resolve(TRAIN_IMAGES), folder.resolve("train-images.idx3-ubyte"));
    assertEquals(2, IdxFiles.load(folder).train().size());
  }

  @Test
  void labelsBeyondNineMakeMoreClassesInBothParts() throws IOException {
    writeFourFiles("");
    write(TEST_LABELS, idx(LABELS, new int[] {1}, 46));
    assertEquals(47, IdxFiles.load(folder).train().classes());
  }

  @Test
  void missingFolderAndFile() throws IOException {
    Path missing = folder.resolve("missing");
    assertRefused(missing + ": no such folder", () -> IdxFiles.load(missing));
    Path file = Files.createFile(folder.resolve("file"));
    assertRefused(file + ": expected a folder, found a file", () -> IdxFiles.load(file));
    assertRefused(
        folder
            + ": expected a file train-labels-idx1-ubyte or train-labels-idx1-ubyte.gz, found"
            + " neither",
        () -> IdxFiles.load(folder));
  }

  @Test
  void truncatedImages() throws IOException {
    writeFourFiles("");
    byte[] whole = Files.readAllBytes(folder.resolve(TRAIN_IMAGES));
    write(TRAIN_IMAGES, Arrays.copyOf(whole, whole.length - 1));
    assertRefused(
        folder.resolve(TRAIN_IMAGES) + ": expected 12 bytes for 2 images of 2x3, found 11",
        () -> IdxFiles.load(folder));
    write(TRAIN_IMAGES, Arrays.copyOf(whole, 9));
    assertRefused(
        folder.resolve(TRAIN_IMAGES) + ": truncated: expected an IDX header of 16 bytes, found 9",
        () -> IdxFiles.load(folder));
  }

  @Test
  void truncatedLabels() throws IOException {
    writeFourFiles("");
    write(TRAIN_LABELS, idx(LABELS, new int[] {2}, 9));
    assertRefused(
        folder.resolve(TRAIN_LABELS) + ": expected 2 labels of a byte, found 1",
        () -> IdxFiles.load(folder));
  }

  @Test
  void emptyFile() throws IOException {
    writeFourFiles("");
    write(TRAIN_LABELS, new byte[0]);
    assertRefused(
        folder.resolve(TRAIN_LABELS) + ": truncated: expected an IDX header of 8 bytes, found 0",
        () -> IdxFiles.load(folder));
  }

  @Test
  void labelsInPlaceOfImages() throws IOException {
    writeFourFiles("");
    write(TRAIN_IMAGES, idx(LABELS, new int[] {20}, new int[20]));
    assertRefused(
        folder.resolve(TRAIN_IMAGES)
            + ": expected IDX images of unsigned bytes (magic 0x00000803), found magic 0x00000801",
        () -> IdxFiles.load(folder));
  }

  @Test
  void sizesThatCannotBe() throws IOException {
    writeFourFiles("");
    write(TRAIN_IMAGES, idx(IMAGES, new int[] {2, 0, 3}));
    assertRefused(
        folder.resolve(TRAIN_IMAGES)
            + ": expected at least one image of at least 1x1, found 2 of 0x3",
        () -> IdxFiles.load(folder));
    int most = Integer.MAX_VALUE;
    write(TRAIN_IMAGES, idx(IMAGES, new int[] {most, 65536, 65536}));
    assertRefused(
        folder.resolve(TRAIN_IMAGES)
            + ": expected 9223372032559808512 bytes for 2147483647 images of 65536x65536, found 0",
        () -> IdxFiles.load(folder));
  }

  @Test
  void imagesAndLabelsOfDifferentCounts() throws IOException {
    writeFourFiles("");
    write(TRAIN_LABELS, idx(LABELS, new int[] {3}, 1, 2, 3));
    assertRefused(
        folder.resolve("train-*")
            + ": expected as many labels as images, found 3 labels and 2 images",
        () -> IdxFiles.load(folder));
  }

  @Test
  void testImagesOfAnotherShape() throws IOException {
    writeFourFiles("");
    write(TEST_IMAGES, idx(IMAGES, new int[] {1, 3, 2}, 1, 2, 3, 4, 5, 6));
    assertRefused(
        "idx:"
            + folder
            + ": expected test samples of the training samples' shape [2, 3], found [3, 2]",
        () -> IdxFiles.load(folder));
  }

  @Test
  void corruptGzip() throws IOException {
    writeFourFiles(".gz");
    Path file = folder.resolve(TRAIN_LABELS + ".gz");
    byte[] whole = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(whole, whole.length - 5));
    assertRefused(
        file + ": expected an intact gzip file, found a truncated one",
        () -> IdxFiles.load(folder));
    Files.write(file, new byte[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12});
    assertRefused(
        file + ": expected an intact gzip file, found: Not in GZIP format",
        () -> IdxFiles.load(folder));
    whole[whole.length - 8] ^= 1;
    Files.write(file, whole);
    assertRefused(
        file + ": expected an intact gzip file, found: Corrupt GZIP trailer",
        () -> IdxFiles.load(folder));
    Files.write(file, new byte[0]);
    assertRefused(
        file + ": expected an intact gzip file, found a truncated one",
        () -> IdxFiles.load(folder));
  }

  /** Two training images and one to test, of 2x3. */
  private void writeFourFiles(String suffix) throws IOException {
    write(
        TRAIN_IMAGES + suffix,
        idx(IMAGES, new int[] {2, 2, 3}, -1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12));
    write(TRAIN_LABELS + suffix, idx(LABELS, new int[] {2}, 9, 0));
    write(TEST_IMAGES + suffix, idx(IMAGES, new int[] {1, 2, 3}, 1, 2, 3, 4, 5, 6));
    write(TEST_LABELS + suffix, idx(LABELS, new int[] {1}, 3));
  }

  private void write(String name, byte[] content) throws IOException {
    try (OutputStream file = Files.newOutputStream(folder.resolve(name));
        OutputStream out = name.endsWith(".gz") ? new GZIPOutputStream(file) : file) {
      out.write(content);
    }
  }

  private static byte[] idx(int magic, int[] sizes, int... values) {
    ByteBuffer bytes = ByteBuffer.allocate(4 + 4 * sizes.length + values.length).putInt(magic);
    for (int size : sizes) {
      bytes.putInt(size);
    }
    for (int value : values) {
      bytes.put((byte) value);
    }
    return bytes.array();
  }
}
