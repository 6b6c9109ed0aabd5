package io.github.rankfold.models.data;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** The element types that {@link NpyArray} reads; buffers are little-endian. */
enum NpyType {
  BOOL("b1", 1, true),
  INT8("i1", 1, true),
  INT16("i2", 2, true),
  INT32("i4", 4, true),
  INT64("i8", 8, true),
  UINT8("u1", 1, true),
  UINT16("u2", 2, true),
  UINT32("u4", 4, true),
  FLOAT16("f2", 2, false),
  FLOAT32("f4", 4, false),
  FLOAT64("f8", 8, false);

  private final String code;
  private final int bytes;
  private final boolean integer;

  NpyType(String code, int bytes, boolean integer) {
    this.code = code;
    this.bytes = bytes;
    this.integer = integer;
  }

  static Optional<NpyType> ofCode(String code) {
    return Arrays.stream(values()).filter(type -> type.code.equals(code)).findFirst();
  }

  static String codes() {
    return Arrays.stream(values()).map(NpyType::code).collect(Collectors.joining(", "));
  }

  String code() {
    return code;
  }

  int bytes() {
    return bytes;
  }

  boolean isInteger() {
    return integer;
  }

  /** Value {@code i} of the buffer; only for integers. */
  long longAt(ByteBuffer values, int i) {
    return switch (this) {
      case BOOL -> values.get(i) == 0 ? 0 : 1;
      case INT8 -> values.get(i);
      case INT16 -> values.getShort(2 * i);
      case INT32 -> values.getInt(4 * i);
      case INT64 -> values.getLong(8 * i);
      case UINT8 -> Byte.toUnsignedInt(values.get(i));
      case UINT16 -> Short.toUnsignedInt(values.getShort(2 * i));
      case UINT32 -> Integer.toUnsignedLong(values.getInt(4 * i));
      case FLOAT16, FLOAT32, FLOAT64 -> throw new IllegalStateException(this + " is no integer");
    };
  }

  /** Value {@code i} of the buffer, of any type. */
  double doubleAt(ByteBuffer values, int i) {
    return switch (this) {
      case FLOAT16 -> halfToDouble(values.getShort(2 * i));
      case FLOAT32 -> values.getFloat(4 * i);
      case FLOAT64 -> values.getDouble(8 * i);
      default -> longAt(values, i);
    };
  }

  /** IEEE 754 binary16: sign, 5 bits of exponent (bias 15), 10 of fraction; Java 17 has none. */
  private static double halfToDouble(short bits) {
    int exponent = (bits >> 10) & 0x1f;
    int fraction = bits & 0x3ff;
    double magnitude;
    if (exponent == 0x1f) {
      magnitude = fraction == 0 ? Double.POSITIVE_INFINITY : Double.NaN;
    } else if (exponent == 0) {
      magnitude = fraction * 0x1p-24;
    } else {
      magnitude = Math.scalb(1024.0 + fraction, exponent - 25);
    }
    return bits < 0 ? -magnitude : magnitude;
  }

  /** As NumPy writes it: {@code float64}. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
