package io.github.rankfold.training;

/**
 * Sums over samples that were passed forward.
 *
 * @param loss sum of the samples' cross-entropies
 * @param correct how many were predicted right
 */
record BatchSums(double loss, double correct, long samples) {
  static final BatchSums NONE = new BatchSums(0, 0, 0);

  BatchSums plus(BatchSums other) {
    return new BatchSums(loss + other.loss, correct + other.correct, samples + other.samples);
  }

  double meanLoss() {
    return loss / samples;
  }

  double accuracy() {
    return correct / samples;
  }
}
