package io.github.rankfold.collapse.statistics;

import java.util.List;
import java.util.stream.IntStream;

/**
 * Rows [from, to) cut into equal parts that run side by side.
 *
 * <p>How many parts depends on the sizes alone, never on the cores: sums then round the same
 * everywhere, and a result can be compared between machines.
 */
final class RowParts {
  private static final int PARTS = 8;

  /** Below this many values one part is faster than eight. */
  private static final long WORTH_SPLITTING = 1L << 20;

  /** Every part holds its own class means: beyond this many values the memory is not worth it. */
  private static final long LARGEST_STATE = 1L << 22;

  /** Accumulates rows [from, to) into a new accumulator. */
  interface Part<A> {
    A accumulate(int from, int to);
  }

  private RowParts() {}

  /** The accumulators of all parts, in the order of the rows. */
  static <A> List<A> accumulate(int from, int to, int width, long stateSize, Part<A> part) {
    long rows = (long) to - from;
    boolean split = rows * width >= WORTH_SPLITTING && stateSize <= LARGEST_STATE;
    int parts = split ? PARTS : 1;
    return IntStream.range(0, parts)
        .parallel()
        .mapToObj(
            i ->
                part.accumulate(
                    (int) (from + rows * i / parts), (int) (from + rows * (i + 1) / parts)))
        .toList();
  }
}
