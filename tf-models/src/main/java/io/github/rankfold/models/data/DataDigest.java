package io.github.rankfold.models.data;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * SHA-256 of data as it was read: a line such as {@code uint8 * 0.0625 1437 x [64]} or {@code
 * float64 1437 x [64]} that tells storage and shape (of several arrays each, after its name), the
 * stored values, the labels as int32, all little-endian.
 *
 * <p>Names and places don't count: the same samples in a gzipped and in a plain file are the same
 * data.
 */
final class DataDigest {
  private static final int CHUNK_BYTES = 1 << 16;

  private final MessageDigest digest;

  private DataDigest() {
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /** 64 hexadecimal digits. */
  static String of(LabeledData data) {
    DataDigest digest = new DataDigest();
    digest.add(data.features(), "%s x %s".formatted(data.size(), data.arraysText()));
    if (data.hasLabels()) {
      digest.addLabels(data);
    }
    return HexFormat.of().formatHex(digest.digest.digest());
  }

  private void add(Features features, String shape) {
    if (features instanceof ByteFeatures bytes) {
      start("uint8 * " + bytes.scale(), shape);
      addRows(features, 1, (from, to, chunk) -> bytes.copyBytes(from, to, chunk));
    } else if (features instanceof FloatFeatures) {
      start("float32", shape);
      addRows(features, 4, (from, to, chunk) -> features.copy(from, to, chunk.asFloatBuffer()));
    } else {
      start("float64", shape);
      addRows(features, 8, (from, to, chunk) -> features.copy(from, to, chunk.asDoubleBuffer()));
    }
  }

  private void start(String storage, String shape) {
    digest.update((storage + " " + shape + "\n").getBytes(StandardCharsets.UTF_8));
  }

  private void addRows(Features features, int valueBytes, RowReader reader) {
    int rowBytes = Math.multiplyExact(features.width(), valueBytes);
    int rows = Math.max(1, CHUNK_BYTES / rowBytes);
    ByteBuffer chunk =
        ByteBuffer.allocate(Math.multiplyExact(rows, rowBytes)).order(ByteOrder.LITTLE_ENDIAN);
    for (int from = 0; from < features.samples(); from += rows) {
      int to = Math.min(features.samples(), from + rows);
      reader.read(from, to, chunk.clear());
      digest.update(chunk.array(), 0, (to - from) * rowBytes);
    }
  }

  private void addLabels(LabeledData data) {
    ByteBuffer labels =
        ByteBuffer.allocate(Math.multiplyExact(4, data.size())).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < data.size(); i++) {
      labels.putInt(data.label(i));
    }
    digest.update(labels.flip());
  }

  /** Fills a chunk with rows. */
  private interface RowReader {
    void read(int from, int to, ByteBuffer chunk);
  }
}
