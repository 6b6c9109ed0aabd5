package io.github.rankfold.cli.report;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.Locale;

/**
 * Numbers as a person reads them: four significant digits, thousands separators, units.
 *
 * <p>{@code report.js} has the same rules for the labels of charts.
 */
final class HumanNumber {
  static final String UNDEFINED = "\u2013";

  private static final MathContext FOUR_DIGITS = new MathContext(4, RoundingMode.HALF_EVEN);
  private static final double SMALLEST_PLAIN = 1e-4;
  private static final double LARGEST_PLAIN = 1e6;
  private static final double LARGEST_EXACT_INTEGER = 1e15;
  private static final String SUPERSCRIPTS =
      "\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079";

  private HumanNumber() {}

  /** {@code 1437 -> 1,437}, {@code 0.0204863 -> 0.02049}, {@code 7.5476e-6 -> 7.548 × 10⁻⁶}. */
  static String of(double value) {
    double size = Math.abs(value);
    if (value == Math.rint(value) && size < LARGEST_EXACT_INTEGER) {
      return String.format(Locale.ROOT, "%,d", (long) value);
    }
    BigDecimal rounded = new BigDecimal(value).round(FOUR_DIGITS).stripTrailingZeros();
    if (size >= SMALLEST_PLAIN && size < LARGEST_PLAIN) {
      return String.format(Locale.ROOT, "%,." + Math.max(0, rounded.scale()) + "f", rounded);
    }
    int exponent = rounded.precision() - rounded.scale() - 1;
    return rounded.movePointLeft(exponent).stripTrailingZeros().toPlainString()
        + " \u00d7 10"
        + superscript(exponent);
  }

  /** Two significant digits, for what a second measurement would change: {@code 0.1014 -> 0.1}. */
  static String roughly(double value) {
    return of(
        new BigDecimal(value).round(new MathContext(2, RoundingMode.HALF_EVEN)).doubleValue());
  }

  /** A share in [0, 1] as a percentage with at most two decimals. */
  static String percent(double share) {
    BigDecimal rounded =
        BigDecimal.valueOf(share * 100).setScale(2, RoundingMode.HALF_EVEN).stripTrailingZeros();
    if (rounded.signum() == 0 && share != 0) {
      return of(share * 100) + "%";
    }
    return rounded.toPlainString() + "%";
  }

  /** Bytes in decimal units: {@code 68304 -> 68.3 kB}. */
  static String bytes(double bytes) {
    String[] units = {"bytes", "kB", "MB", "GB", "TB"};
    int unit = 0;
    double scaled = bytes;
    while (scaled >= 999.5 && unit < units.length - 1) {
      scaled /= 1000;
      unit++;
    }
    BigDecimal rounded = new BigDecimal(scaled).round(new MathContext(3, RoundingMode.HALF_EVEN));
    return rounded.stripTrailingZeros().toPlainString() + " " + units[unit];
  }

  private static String superscript(int exponent) {
    StringBuilder digits = new StringBuilder(exponent < 0 ? "\u207b" : "");
    for (char digit : Integer.toString(Math.abs(exponent)).toCharArray()) {
      digits.append(SUPERSCRIPTS.charAt(digit - '0'));
    }
    return digits.toString();
  }
}
