package io.github.rankfold.models.data;

import io.github.rankfold.models.InvalidInputException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * CIFAR-10 in its binary version: {@code data_batch_*.bin} to train on and, if it is there, {@code
 * test_batch.bin}.
 *
 * <p>A record is a label byte and 3,072 bytes, channel by channel. Features have shape [32, 32, 3],
 * channels last as TensorFlow likes them, and values byte/255. Format: A. Krizhevsky,
 * https://www.cs.toronto.edu/~kriz/cifar.html
 */
public final class CifarFiles {
  private static final int PLANE = 32 * 32;
  private static final int WIDTH = 3 * PLANE;
  private static final int RECORD = 1 + WIDTH;

  private static final List<String> CLASSES =
      List.of(
          "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck");

  private CifarFiles() {}

  /** Reads all batches of the folder, the training ones in the order of their names. */
  public static DataSplit load(Path folder) {
    InputFiles.requireFolder(folder);
    List<Path> batches = trainBatches(folder);
    if (batches.isEmpty()) {
      throw new InvalidInputException(
          folder + ": expected files data_batch_*.bin of CIFAR-10's binary version, found none");
    }
    Path testBatch = folder.resolve("test_batch.bin");
    Optional<LabeledData> test =
        Files.exists(testBatch) ? Optional.of(read(folder, List.of(testBatch))) : Optional.empty();
    return new DataSplit(read(folder, batches), test).named("cifar10:" + folder);
  }

  private static List<Path> trainBatches(Path folder) {
    List<Path> batches = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "data_batch_*.bin")) {
      files.forEach(batches::add);
    } catch (IOException e) {
      throw InputFiles.unreadable(folder, e);
    }
    Collections.sort(batches);
    return batches;
  }

  private static LabeledData read(Path folder, List<Path> files) {
    List<ByteBuffer> batches = new ArrayList<>();
    int count = 0;
    for (Path file : files) {
      ByteBuffer batch = InputFiles.bytes(file);
      if (batch.capacity() == 0 || batch.capacity() % RECORD != 0) {
        throw new InvalidInputException(
            "%s: expected whole records of %d bytes, found %d bytes"
                .formatted(file, RECORD, batch.capacity()));
      }
      batches.add(batch);
      count += batch.capacity() / RECORD;
    }
    byte[] pixels = new byte[Rows.size(count, WIDTH)];
    int[] labels = new int[count];
    int sample = 0;
    for (ByteBuffer batch : batches) {
      byte[] record = new byte[RECORD];
      while (batch.hasRemaining()) {
        batch.get(record);
        labels[sample] = Byte.toUnsignedInt(record[0]);
        putChannelsLast(record, pixels, sample * WIDTH);
        sample++;
      }
    }
    return new LabeledData(
        "cifar10:" + folder,
        Features.ofBytes(ByteBuffer.wrap(pixels), WIDTH, 1.0 / 255),
        List.of(32, 32, 3),
        labels,
        CLASSES);
  }

  private static void putChannelsLast(byte[] record, byte[] target, int offset) {
    for (int channel = 0; channel < 3; channel++) {
      for (int pixel = 0; pixel < PLANE; pixel++) {
        target[offset + 3 * pixel + channel] = record[1 + channel * PLANE + pixel];
      }
    }
  }
}
