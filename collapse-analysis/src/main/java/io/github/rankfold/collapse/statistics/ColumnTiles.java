package io.github.rankfold.collapse.statistics;

import java.util.List;
import java.util.stream.IntStream;

/**
 * Columns cut into tiles that run side by side, for rows so wide that class means of their own for
 * every part of the rows would cost more memory, and merging them more time, than the rows
 * themselves.
 *
 * <p>The class means of a tile stay in a core's cache while the rows pass by. How many tiles there
 * are depends on the width alone, so that sums round the same on every machine.
 */
final class ColumnTiles {
  /** Columns of a tile: the means of ten classes are 160 KiB. */
  private static final int WIDTH = 1 << 11;

  /** From here on; {@link RowParts} below. */
  private static final int WIDE = 1 << 14;

  /** Takes columns [from, to). */
  interface Tile {
    /** What each row adds up to there. */
    double[] sums(int from, int to);
  }

  private ColumnTiles() {}

  static boolean suit(int width) {
    return width >= WIDE;
  }

  /** The sums of all tiles added up in the order of the columns, {@code size} of them. */
  static double[] add(int width, int size, Tile tile) {
    List<double[]> parts =
        IntStream.range(0, (width + WIDTH - 1) / WIDTH)
            .parallel()
            .mapToObj(i -> tile.sums(i * WIDTH, Math.min(width, (i + 1) * WIDTH)))
            .toList();
    double[] all = new double[size];
    for (double[] part : parts) {
      for (int i = 0; i < size; i++) {
        all[i] += part[i];
      }
    }
    return all;
  }
}
