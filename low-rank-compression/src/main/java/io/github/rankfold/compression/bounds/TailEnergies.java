package io.github.rankfold.compression.bounds;

import io.github.rankfold.collapse.linalg.Matrix;
import java.util.ArrayList;
import java.util.List;

/**
 * What truncating one product's kernel to any rank takes from each sample: {@code ||z (W_r - W)|| =
 * sqrt(sum_{i>r} ||a v_i||^2)} for {@code a = z W} and the right singular vectors v_i, summed over
 * the positions of the sample. One pass over the data serves all ranks.
 */
final class TailEnergies {
  private final Matrix right;
  private final List<float[]> tails = new ArrayList<>();

  /**
   * @param right V [n x R], the singular vectors as columns
   */
  TailEnergies(Matrix right) {
    this.right = right;
  }

  /**
   * Adds the samples of a batch.
   *
   * @param products a, the last axis having n values, sample by sample
   */
  void add(double[] products, int samples) {
    int positions = products.length / right.rows() / samples;
    Matrix projected =
        Matrix.owning(products.length / right.rows(), right.rows(), products).times(right);
    for (int sample = 0; sample < samples; sample++) {
      double[] energies = new double[right.cols()];
      for (int position = 0; position < positions; position++) {
        double[] row = projected.row(sample * positions + position);
        for (int i = 0; i < energies.length; i++) {
          energies[i] += row[i] * row[i];
        }
      }
      float[] tail = new float[energies.length + 1];
      double sum = 0;
      for (int rank = energies.length - 1; rank >= 0; rank--) {
        sum += energies[rank];
        tail[rank] = (float) Math.sqrt(sum);
      }
      tails.add(tail);
    }
  }

  /** Of one sample, at a rank; 0 at the full one. */
  double at(int sample, int rank) {
    return tails.get(sample)[rank];
  }
}
