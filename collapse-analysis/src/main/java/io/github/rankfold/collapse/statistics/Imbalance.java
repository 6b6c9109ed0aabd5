package io.github.rankfold.collapse.statistics;

import io.github.rankfold.collapse.linalg.Matrix;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.IntStream;

/**
 * What imbalance does to the class means: minorities against majorities.
 *
 * <p>A minority is a class with less than half the samples of the largest one. Minority collapse
 * (Fang et al., arXiv 2101.12699) is a mean cosine between the minorities' centred means that goes
 * to 1, with short means; without imbalance all cosines go to {@code -1/(K-1)}.
 *
 * @param minorities their labels, at least one
 * @param ratio samples of the largest class by those of the smallest
 * @param minority of the minorities
 * @param majority of the other classes
 */
public record Imbalance(List<Integer> minorities, double ratio, Group minority, Group majority) {

  /**
   * Some classes together.
   *
   * @param classes how many
   * @param meanNorm mean of {@code ||mu_k - mu_G||}
   * @param cosine mean over pairs of the group of {@code cos(mu_k - mu_G, mu_j - mu_G)}; empty
   *     where there is no pair or a mean is mu_G
   */
  public record Group(int classes, double meanNorm, OptionalDouble cosine) {}

  public Imbalance {
    minorities = List.copyOf(minorities);
  }

  /** Empty where no class is a minority. */
  public static Optional<Imbalance> of(ClusterStatistics statistics) {
    long largest = 0;
    long smallest = Long.MAX_VALUE;
    for (int k = 0; k < statistics.clusters(); k++) {
      largest = Math.max(largest, statistics.count(k));
      smallest = Math.min(smallest, statistics.count(k));
    }
    List<Integer> minorities = new ArrayList<>();
    List<Integer> others = new ArrayList<>();
    for (int k = 0; k < statistics.clusters(); k++) {
      (2 * statistics.count(k) < largest ? minorities : others).add(k);
    }
    return minorities.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new Imbalance(
                minorities,
                (double) largest / smallest,
                group(statistics, minorities),
                group(statistics, others)));
  }

  private static Group group(ClusterStatistics statistics, List<Integer> labels) {
    Matrix centred = statistics.centredMeans();
    double[] norms =
        IntStream.range(0, statistics.clusters())
            .mapToDouble(k -> Math.sqrt(SquaredDistance.between(centred.row(k), null)))
            .toArray();
    Matrix products = centred.timesTransposed(centred);
    double norm = 0;
    double cosines = 0;
    int pairs = 0;
    for (int k : labels) {
      norm += norms[k] / labels.size();
      for (int j : labels) {
        if (k < j) {
          cosines += products.get(k, j) / (norms[k] * norms[j]);
          pairs++;
        }
      }
    }
    return new Group(
        labels.size(),
        norm,
        pairs == 0 || !Double.isFinite(cosines)
            ? OptionalDouble.empty()
            : OptionalDouble.of(cosines / pairs));
  }
}
