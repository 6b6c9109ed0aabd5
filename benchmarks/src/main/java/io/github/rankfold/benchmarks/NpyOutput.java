package io.github.rankfold.benchmarks;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Writes arrays as .npy files, format 1.0, for a peer to read. */
final class NpyOutput {
  private static final int CHUNK = 1 << 16;

  private NpyOutput() {}

  static void write(Path file, int rows, int cols, float[] values) throws IOException {
    try (FileChannel out = open(file)) {
      out.write(header("<f4", "(%d, %d)".formatted(rows, cols)));
      ByteBuffer buffer = ByteBuffer.allocate(4 * CHUNK).order(ByteOrder.LITTLE_ENDIAN);
      for (int from = 0; from < values.length; from += CHUNK) {
        int count = Math.min(CHUNK, values.length - from);
        buffer.asFloatBuffer().put(values, from, count);
        out.write(buffer.position(0).limit(4 * count));
        buffer.clear();
      }
    }
  }

  static void write(Path file, int[] values) throws IOException {
    try (FileChannel out = open(file)) {
      out.write(header("<i4", "(%d,)".formatted(values.length)));
      ByteBuffer buffer = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
      buffer.asIntBuffer().put(values);
      out.write(buffer);
    }
  }

  private static FileChannel open(Path file) throws IOException {
    return FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
  }

  private static ByteBuffer header(String type, String shape) {
    String text = "{'descr': '%s', 'fortran_order': False, 'shape': %s, }".formatted(type, shape);
    int length = (10 + text.length() + 1 + 63) / 64 * 64 - 10;
    ByteBuffer header = ByteBuffer.allocate(10 + length).order(ByteOrder.LITTLE_ENDIAN);
    header.put((byte) 0x93).put("NUMPY".getBytes(StandardCharsets.US_ASCII));
    header.put((byte) 1).put((byte) 0).putShort((short) length);
    header.put(
        (text + " ".repeat(length - text.length() - 1) + "\n").getBytes(StandardCharsets.US_ASCII));
    return header.flip();
  }
}
