package io.github.rankfold.models.data;

import io.github.rankfold.models.InvalidInputException;
import io.github.rankfold.models.files.FileFailure;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * An array in NumPy's {@code .npy} format, versions 1 to 3; immutable.
 *
 * <p>Values come out in C order whatever the order in the file. Read: booleans, integers of 8 to 64
 * bits (no uint64), floats of 16 to 64 bits and text of a fixed length ({@code U}, or {@code S} in
 * UTF-8), little-endian. Format:
 * https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 */
public final class NpyArray {
  private final String where;
  private final NpyHeader header;

  /** The values in C order, little-endian. */
  private final ByteBuffer values;

  private NpyArray(String where, NpyHeader header, byte[] values) {
    this.where = where;
    this.header = header;
    this.values = ByteBuffer.wrap(values).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Reads a {@code .npy} file. */
  public static NpyArray read(Path file) {
    InputFiles.requireFile(file);
    try (InputStream in = Files.newInputStream(file)) {
      return read(in, Files.size(file), file.toString());
    } catch (IOException e) {
      throw new InvalidInputException(file + ": cannot be read: " + FileFailure.reason(e), e);
    }
  }

  /**
   * @param bytes the length of the stream, so that a header can't ask for memory it doesn't fill
   * @param where the file and, in an archive, the key
   */
  static NpyArray read(InputStream in, long bytes, String where) throws IOException {
    NpyHeader header = NpyHeader.read(in, where);
    long expected = header.valueBytes();
    if (bytes - header.length() < expected) {
      throw truncated(where, header, Math.max(0, bytes - header.length()));
    }
    byte[] values = new byte[Math.toIntExact(expected)];
    int found = in.readNBytes(values, 0, values.length);
    if (found < values.length) {
      throw truncated(where, header, found);
    }
    byte[] ordered = header.fortranOrder() ? toCOrder(values, header) : values;
    return header.isUtf8()
        ? new NpyArray(where, header.asCodePoints(where), codePoints(ordered, header, where))
        : new NpyArray(where, header, ordered);
  }

  /** Texts in UTF-8 as code points, which are no more than the bytes were. */
  private static byte[] codePoints(byte[] utf8, NpyHeader header, String where) {
    int length = header.shape().get(header.shape().size() - 1);
    ByteBuffer points = ByteBuffer.allocate(4 * utf8.length).order(ByteOrder.LITTLE_ENDIAN);
    for (int from = 0; from < utf8.length; from += length) {
      int end = from;
      while (end < from + length && utf8[end] != 0) {
        end++;
      }
      try {
        points.position(4 * from);
        StandardCharsets.UTF_8
            .newDecoder()
            .decode(ByteBuffer.wrap(utf8, from, end - from))
            .codePoints()
            .forEach(points::putInt);
      } catch (CharacterCodingException e) {
        throw new InvalidInputException(
            "%s: text %d: expected UTF-8, found other bytes".formatted(where, from / length), e);
      }
    }
    return points.array();
  }

  private static InvalidInputException truncated(String where, NpyHeader header, long found) {
    return new InvalidInputException(
        "%s: truncated: expected %d bytes for shape %s of %s, found %d"
            .formatted(where, header.valueBytes(), header.shape(), header.type(), found));
  }

  /** Fortran order varies the first index fastest, C order the last. */
  private static byte[] toCOrder(byte[] source, NpyHeader header) {
    int axes = header.shape().size();
    int rank = header.isText() ? axes - 1 : axes; // the characters of a text stay together
    int size = header.type().bytes() * (header.isText() ? header.shape().get(rank) : 1);
    byte[] target = new byte[source.length];
    int[] index = new int[rank];
    int[] strides = new int[rank];
    int stride = size;
    for (int d = 0; d < rank; d++) {
      strides[d] = stride;
      stride *= header.shape().get(d);
    }
    for (int to = 0, from = 0; size > 0 && to < target.length; to += size) {
      System.arraycopy(source, from, target, to, size);
      for (int d = rank - 1; d >= 0; d--) {
        from += strides[d];
        if (++index[d] < header.shape().get(d)) {
          break;
        }
        from -= index[d] * strides[d];
        index[d] = 0;
      }
    }
    return target;
  }

  /** The shape; empty for a single number. Of text its last axis is that of code points. */
  public List<Integer> shape() {
    return header.shape();
  }

  /** Whether the values are the code points of text, 0 after the end of each. */
  public boolean isText() {
    return header.isText();
  }

  /** The number of values. */
  public int size() {
    return values.capacity() / type().bytes();
  }

  /**
   * The type in NumPy's short spelling without the byte order: {@code f4}, {@code i8}, {@code U}.
   */
  public String dtype() {
    return isText() ? "U" : type().code();
  }

  /** Whether {@link #toInts} may be asked for: integers and booleans. */
  public boolean isInteger() {
    return !isText() && type().isInteger();
  }

  /** Whether these are floats that hold bytes: whole numbers in 0..255, one above 1 among them. */
  boolean holdsBytes() {
    double greatest = 0;
    for (int i = 0; i < size(); i++) {
      double value = type().doubleAt(values, i);
      if (!(value >= 0 && value <= 255 && value == Math.rint(value))) {
        return false;
      }
      greatest = Math.max(greatest, value);
    }
    return greatest > 1 && !isText() && !isInteger();
  }

  /** The values in C order; 64-bit integers beyond 2^53 are rounded. */
  public double[] toDoubles() {
    double[] result = new double[size()];
    if (type() == NpyType.FLOAT64) {
      view().asDoubleBuffer().get(result);
    } else {
      for (int i = 0; i < result.length; i++) {
        result[i] = type().doubleAt(values, i);
      }
    }
    return result;
  }

  /** The values in C order, rounded to float32. */
  public float[] toFloats() {
    float[] result = new float[size()];
    if (type() == NpyType.FLOAT32) {
      view().asFloatBuffer().get(result);
    } else {
      for (int i = 0; i < result.length; i++) {
        result[i] = (float) type().doubleAt(values, i);
      }
    }
    return result;
  }

  /** The values of an integer array in C order; booleans are 0 and 1. */
  public int[] toInts() {
    if (!isInteger()) {
      throw new InvalidInputException(
          where + ": expected integers, found " + (isText() ? "text" : type()));
    }
    int[] result = new int[size()];
    for (int i = 0; i < result.length; i++) {
      long value = type().longAt(values, i);
      if (value != (int) value) {
        throw new InvalidInputException(
            "%s: value %d: expected a 32-bit integer, found %d".formatted(where, i, value));
      }
      result[i] = (int) value;
    }
    return result;
  }

  /** The bytes of a {@code u1} array, not copied: nobody may write to them. */
  ByteBuffer unsignedBytes() {
    if (type() != NpyType.UINT8) {
      throw new IllegalStateException(where + ": expected uint8, is " + type());
    }
    return values.asReadOnlyBuffer();
  }

  private NpyType type() {
    return header.type();
  }

  /** Its own position, so that threads don't disturb each other. */
  private ByteBuffer view() {
    return values.duplicate().order(ByteOrder.LITTLE_ENDIAN);
  }
}
