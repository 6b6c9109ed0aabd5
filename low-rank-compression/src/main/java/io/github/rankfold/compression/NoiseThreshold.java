package io.github.rankfold.compression;

import io.github.rankfold.collapse.linalg.MarchenkoPastur;
import io.github.rankfold.collapse.linalg.Spectrum;
import java.util.OptionalDouble;

/** Singular values above a multiple of what noise alone would have. */
final class NoiseThreshold {
  private NoiseThreshold() {}

  /** How the squared singular values of noise of this shape are spread. */
  static MarchenkoPastur bulk(Spectrum spectrum) {
    return MarchenkoPastur.of(spectrum.rows(), spectrum.cols());
  }

  /**
   * The number of {@code s_i > coefficient sqrt(n) sigma}, n the longer side.
   *
   * @param sigma of the noise; where it is not known {@code median(s) / sqrt(n mu)}, with mu the
   *     median of noise of variance 1/n: right as long as less than half of the singular values
   *     belong to something else
   */
  static int rank(Spectrum spectrum, double coefficient, OptionalDouble sigma) {
    int longer = Math.max(spectrum.rows(), spectrum.cols());
    double unit =
        sigma.isPresent()
            ? Math.sqrt(longer) * sigma.getAsDouble()
            : median(spectrum) / Math.sqrt(bulk(spectrum).median());
    double threshold = coefficient * unit;
    int rank = 0;
    while (rank < spectrum.size() && spectrum.value(rank) > threshold) {
      rank++;
    }
    return rank;
  }

  private static double median(Spectrum spectrum) {
    int size = spectrum.size();
    return (spectrum.value((size - 1) / 2) + spectrum.value(size / 2)) / 2;
  }
}
