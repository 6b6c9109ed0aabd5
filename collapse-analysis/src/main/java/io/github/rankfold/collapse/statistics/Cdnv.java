package io.github.rankfold.collapse.statistics;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Class-distance normalized variance over all pairs k < j: {@code (v_k + v_j) / (2 ||mu_k -
 * mu_j||^2)}, v_k the mean squared distance to mu_k; 0 means collapsed.
 *
 * <p>Galanti, Gyorgy, Hutter 2021, arXiv 2112.15121.
 *
 * @param mean over all pairs
 * @param min of the best separated pair
 * @param max of the worst separated pair
 * @param worst the worst separated pairs, the worst first: at most {@value #WORST_PAIRS}
 */
public record Cdnv(double mean, double min, double max, List<ClassPair> worst) {
  static final int WORST_PAIRS = 10;

  public Cdnv {
    worst = List.copyOf(worst);
  }

  /** Empty where there are fewer than two classes or two class means are equal. */
  public static Optional<Cdnv> of(ClusterStatistics statistics) {
    List<ClassPair> pairs = new ArrayList<>();
    double sum = 0;
    for (int k = 0; k < statistics.clusters(); k++) {
      double[] mean = statistics.means().row(k);
      for (int j = k + 1; j < statistics.clusters(); j++) {
        double distance = SquaredDistance.between(mean, statistics.means().row(j));
        if (distance == 0) {
          return Optional.empty();
        }
        double value = (statistics.variation(k) + statistics.variation(j)) / (2 * distance);
        pairs.add(new ClassPair(k, j, value));
        sum += value;
      }
    }
    if (pairs.isEmpty()) {
      return Optional.empty();
    }
    pairs.sort(Comparator.comparingDouble(ClassPair::cdnv).reversed()); // stable: ties by number
    return Optional.of(
        new Cdnv(
            sum / pairs.size(),
            pairs.get(pairs.size() - 1).cdnv(),
            pairs.get(0).cdnv(),
            pairs.subList(0, Math.min(WORST_PAIRS, pairs.size()))));
  }
}
