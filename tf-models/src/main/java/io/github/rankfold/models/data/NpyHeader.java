package io.github.rankfold.models.data;

import io.github.rankfold.models.InvalidInputException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The header of a {@code .npy} array: magic, version, length, and a Python dictionary such as
 * {@code {'descr': '<f8', 'fortran_order': False, 'shape': (3, 4), }}.
 *
 * @param shape of text with one more axis: that of the code points of each, 0 after its end
 * @param isText whether the values are code points of text ({@code <U12}), or its bytes in UTF-8
 *     ({@code |S12})
 * @param length bytes up to the first value
 */
record NpyHeader(
    NpyType type, boolean fortranOrder, List<Integer> shape, boolean isText, int length) {
  private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};

  /** NumPy writes about a hundred bytes; more than this is no header. */
  private static final int MAX_TEXT = 1 << 16;

  private static final Pattern DESCR = Pattern.compile("'descr'\\s*:\\s*('([^']*)'|[^'].*)");
  private static final Pattern ORDER = Pattern.compile("'fortran_order'\\s*:\\s*(True|False)");
  private static final Pattern TEXT = Pattern.compile("(<U|\\|S)(\\d{1,9})");
  private static final Pattern SHAPE = Pattern.compile("'shape'\\s*:\\s*\\(([\\d,\\sL]*)\\)");

  NpyHeader {
    shape = List.copyOf(shape);
  }

  /** The bytes of all values; at most what one Java array holds. */
  long valueBytes() {
    return shape.stream().mapToLong(Integer::longValue).reduce(type.bytes(), Math::multiplyExact);
  }

  /** Whether each text is bytes, which may be fewer characters. */
  boolean isUtf8() {
    return isText && type == NpyType.UINT8;
  }

  /** The same texts with a code point in place of each byte. */
  NpyHeader asCodePoints(String where) {
    NpyHeader wide = new NpyHeader(NpyType.UINT32, fortranOrder, shape, true, length);
    requireAddressable(wide, where);
    return wide;
  }

  /** Whether bytes begin as an array of this format does. */
  static boolean startsWithMagic(byte[] start) {
    return start.length >= MAGIC.length && Arrays.equals(start, 0, 6, MAGIC, 0, 6);
  }

  static NpyHeader read(InputStream in, String where) throws IOException {
    byte[] start = in.readNBytes(8);
    if (start.length < 8 || !startsWithMagic(start)) {
      throw new InvalidInputException(
          start.length == 0
              ? where + ": expected a .npy array, found no bytes"
              : where + ": expected a .npy array, found other content or a truncated header");
    }
    int version = start[6];
    if (version < 1 || version > 3) {
      throw new InvalidInputException(
          where + ": expected .npy version 1, 2 or 3, found version " + version);
    }
    int lengthBytes = version == 1 ? 2 : 4;
    byte[] lengthField = Arrays.copyOf(in.readNBytes(lengthBytes), 4);
    int textLength = ByteBuffer.wrap(lengthField).order(ByteOrder.LITTLE_ENDIAN).getInt();
    byte[] text = in.readNBytes(Math.max(0, Math.min(textLength, MAX_TEXT)));
    if (text.length != textLength) {
      throw new InvalidInputException(
          "%s: truncated: expected a .npy header of %d bytes, found %d"
              .formatted(where, textLength, text.length));
    }
    return parse(
        new String(text, StandardCharsets.UTF_8).strip(), 8 + lengthBytes + textLength, where);
  }

  private static NpyHeader parse(String dictionary, int length, String where) {
    Matcher descr = DESCR.matcher(dictionary);
    Matcher order = ORDER.matcher(dictionary);
    Matcher shapeText = SHAPE.matcher(dictionary);
    if (!descr.find() || !order.find() || !shapeText.find()) {
      throw new InvalidInputException(
          where
              + ": expected descr, fortran_order and shape in the .npy header, found "
              + dictionary);
    }
    String dtype = descr.group(2) == null ? "a structured type" : descr.group(2);
    boolean fortranOrder = order.group(1).equals("True");
    List<Integer> shape = shape(shapeText.group(1), where);
    Matcher text = TEXT.matcher(dtype);
    NpyHeader header;
    if (text.matches()) {
      shape.add(Integer.parseInt(text.group(2)));
      NpyType character = text.group(1).equals("<U") ? NpyType.UINT32 : NpyType.UINT8;
      header = new NpyHeader(character, fortranOrder, shape, true, length);
    } else {
      header = new NpyHeader(type(dtype, where), fortranOrder, shape, false, length);
    }
    requireAddressable(header, where);
    return header;
  }

  private static NpyType type(String descr, String where) {
    boolean littleEndian = descr.startsWith("<") || descr.startsWith("|");
    return (littleEndian ? NpyType.ofCode(descr.substring(1)) : Optional.<NpyType>empty())
        .orElseThrow(
            () ->
                new InvalidInputException(
                    "%s: expected a little-endian dtype among %s, or U or S for text, found %s"
                        .formatted(where, NpyType.codes(), descr)));
  }

  private static List<Integer> shape(String text, String where) {
    List<Integer> shape = new ArrayList<>();
    for (String size : text.replace("L", "").split(",", -1)) {
      if (!size.isBlank()) {
        try {
          shape.add(Integer.parseInt(size.strip()));
        } catch (NumberFormatException e) {
          throw new InvalidInputException(
              "%s: expected sizes below 2^31, found shape (%s)".formatted(where, text), e);
        }
      }
    }
    return shape;
  }

  private static void requireAddressable(NpyHeader header, String where) {
    boolean fits;
    try {
      fits = header.valueBytes() <= Integer.MAX_VALUE - 8;
    } catch (ArithmeticException e) {
      fits = false;
    }
    if (!fits) {
      throw new InvalidInputException(
          "%s: expected an array below 2 GiB, found shape %s of %s"
              .formatted(where, header.shape, header.type));
    }
  }
}
