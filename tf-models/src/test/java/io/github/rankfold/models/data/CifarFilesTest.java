package io.github.rankfold.models.data;

import static io.github.rankfold.models.data.ErrorMessages.assertRefused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CifarFilesTest {
  private final Path folder;

  CifarFilesTest(@TempDir Path folder) {
    this.folder = folder;
  }

  @Test
  void readsBatchesInOrderAndTheTestBatch() throws IOException {
    Files.write(folder.resolve("data_batch_2.bin"), record(6));
    Files.write(folder.resolve("data_batch_1.bin"), concat(record(9), record(0)));
    Files.write(folder.resolve("test_batch.bin"), record(3));
    DataSplit split = CifarFiles.load(folder);
    assertArrayEquals(new int[] {9, 0, 6}, DataArrays.labels(split.train()));
    assertArrayEquals(new int[] {3}, DataArrays.labels(split.test().orElseThrow()));
    assertEquals("airplane", split.train().classNames().get(0));
    assertEquals("cifar10:" + folder, split.train().name());
  }

  @Test
  void channelsComeLast() throws IOException {
    Files.write(folder.resolve("data_batch_1.bin"), concat(record(0), record(1)));
    LabeledData train = CifarFiles.load(folder).train();
    assertEquals(List.of(32, 32, 3), train.featureShape());
    ByteFeatures features = assertInstanceOf(ByteFeatures.class, train.features());
    assertEquals(1.0 / 255, features.scale());
    ByteBuffer target = ByteBuffer.allocate(3072);
    features.copyBytes(1, 2, target);
    for (int pixel = 0; pixel < 1024; pixel++) {
      for (int channel = 0; channel < 3; channel++) {
        assertEquals(value(channel, pixel), target.get(3 * pixel + channel));
      }
    }
  }

  @Test
  void theTestPartMayBeAbsent() throws IOException {
    Files.write(folder.resolve("data_batch_1.bin"), record(0));
    assertTrue(CifarFiles.load(folder).test().isEmpty());
  }

  @Test
  void missingFolderAndBatches() {
    Path missing = folder.resolve("missing");
    assertRefused(missing + ": no such folder", () -> CifarFiles.load(missing));
    assertRefused(
        folder + ": expected files data_batch_*.bin of CIFAR-10's binary version, found none",
        () -> CifarFiles.load(folder));
  }

  @Test
  void truncatedAndEmptyBatches() throws IOException {
    Path batch = Files.write(folder.resolve("data_batch_1.bin"), new byte[3072]);
    assertRefused(
        batch + ": expected whole records of 3073 bytes, found 3072 bytes",
        () -> CifarFiles.load(folder));
    Files.write(batch, new byte[0]);
    assertRefused(
        batch + ": expected whole records of 3073 bytes, found 0 bytes",
        () -> CifarFiles.load(folder));
  }

  @Test
  void labelsOutOfRange() throws IOException {
    Files.write(folder.resolve("data_batch_1.bin"), concat(record(9), record(10)));
    assertRefused(
        "cifar10:" + folder + ": sample 1: expected a label in 0..9, found 10",
        () -> CifarFiles.load(folder));
  }

  private static byte[] record(int label) {
    ByteBuffer bytes = ByteBuffer.allocate(3073).put((byte) label);
    for (int channel = 0; channel < 3; channel++) {
      for (int pixel = 0; pixel < 1024; pixel++) {
        bytes.put(value(channel, pixel));
      }
    }
    return bytes.array();
  }

  private static byte value(int channel, int pixel) {
    return (byte) (channel * 80 + pixel % 79);
  }

  private static byte[] concat(byte[] first, byte[] second) {
    return ByteBuffer.allocate(first.length + second.length).put(first).put(second).array();
  }
}
