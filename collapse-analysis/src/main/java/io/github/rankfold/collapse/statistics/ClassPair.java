package io.github.rankfold.collapse.statistics;

/**
 * Two classes and how badly they are separated.
 *
 * @param first the smaller class number, from 0
 * @param second the larger class number
 * @param cdnv {@code (v_first + v_second) / (2 ||mu_first - mu_second||^2)}
 */
public record ClassPair(int first, int second, double cdnv) {
  public ClassPair {
    if (first < 0 || second <= first) {
      throw new IllegalArgumentException(
          "a pair needs 0 <= first < second, was %d, %d".formatted(first, second));
    }
  }
}
