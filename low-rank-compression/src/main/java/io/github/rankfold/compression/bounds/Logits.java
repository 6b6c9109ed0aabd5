package io.github.rankfold.compression.bounds;

/** The logits of one sample: a part of a batch's. */
final class Logits {
  private final double[] values;
  private final int start;
  private final int classes;

  Logits(double[] values, int start, int classes) {
    this.values = values;
    this.start = start;
    this.classes = classes;
  }

  int classes() {
    return classes;
  }

  /** The first of the largest. */
  int largest() {
    int best = 0;
    for (int j = 1; j < classes; j++) {
      if (values[start + j] > values[start + best]) {
        best = j;
      }
    }
    return best;
  }

  /** {@code a_i - a_j}. */
  double gap(int i, int j) {
    return values[start + i] - values[start + j];
  }

  /** The largest less the second largest; infinite where there is but one. */
  double margin() {
    int top = largest();
    double margin = Double.POSITIVE_INFINITY;
    for (int j = 0; j < classes; j++) {
      margin = j == top ? margin : Math.min(margin, gap(top, j));
    }
    return margin;
  }

  double distance(Logits other) {
    double sum = 0;
    for (int j = 0; j < classes; j++) {
      double difference = values[start + j] - other.values[other.start + j];
      sum += difference * difference;
    }
    return Math.sqrt(sum);
  }
}
