package io.github.rankfold.cli;

import io.github.rankfold.models.data.LabeledData;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Writes arrays as NumPy does. */
final class NpzArrays {
  private NpzArrays() {}

  /**
   * One array.
   *
   * @param type as NumPy writes it, {@code <f4} for instance
   * @param shape as Python writes it
   */
  @SuppressWarnings("ArrayRecordComponent") // handed on at once
  record Entry(String name, String type, String shape, byte[] values) {}

  static void write(Path file, Entry... entries) throws IOException {
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
      for (Entry entry : entries) {
        zip.putNextEntry(new ZipEntry(entry.name() + ".npy"));
        String header =
            "{'descr': '%s', 'fortran_order': False, 'shape': %s, }\n"
                .formatted(entry.type(), entry.shape());
        byte[] text = header.getBytes(StandardCharsets.US_ASCII);
        zip.write(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, (byte) text.length, 0});
        zip.write(text);
        zip.write(entry.values());
        zip.closeEntry();
      }
    }
  }

  /** The features of these samples as x, and no labels. */
  static void writeFeatures(Path file, LabeledData data) throws IOException {
    float[] values = new float[data.size() * data.featureWidth()];
    data.copyFeatures(0, data.size(), FloatBuffer.wrap(values));
    ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(values);
    String shape = "(%d, %d)".formatted(data.size(), data.featureWidth());
    write(file, new Entry("x", "<f4", shape, bytes.array()));
  }
}
