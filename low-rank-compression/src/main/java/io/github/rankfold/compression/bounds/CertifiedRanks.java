package io.github.rankfold.compression.bounds;

import io.github.rankfold.collapse.linalg.Matrix;
import io.github.rankfold.collapse.linalg.Svd;
import io.github.rankfold.compression.CompressionPlan;
import io.github.rankfold.compression.RankedKernels;
import io.github.rankfold.models.InvalidInputException;
import io.github.rankfold.models.data.LabeledData;
import io.github.rankfold.models.layers.KernelUse;
import io.github.rankfold.models.layers.Layer;
import io.github.rankfold.models.live.LiveModel;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * Chooses ranks as low as a share of the predictions on given data stays certified by {@link
 * OutputBound}.
 *
 * <p>The rest of the network behind each layer has one Lipschitz constant, whatever the ranks
 * before it, so that a sample's bound is a sum over the layers, {@code sum_l rest_l ||z_l (W'_l -
 * W_l)||}, each term known for all ranks from one pass over the data ({@link TailEnergies}). A
 * price on what is taken from the margins gives each layer its rank; for a range of prices, layers
 * are made whole until the share is kept, then single ranks are lowered while it holds, and the
 * fewest parameters win. The result is certified anew with the factors as they are written.
 */
public final class CertifiedRanks {
  /** Samples that the search looks at; the result is certified on all. */
  private static final int SEARCHED = 4_000;

  private static final int ATTEMPTS = 8;

  /** Layers from which on pairs are too many to start from. */
  private static final int MANY = 8;

  private final LiveModel model;
  private final NetworkPath path;
  private final RankedKernels kernels;
  private final LabeledData data;
  private final CertifiedShare share;

  private CertifiedRanks(
      LiveModel model,
      NetworkPath path,
      RankedKernels kernels,
      LabeledData data,
      CertifiedShare share) {
    this.model = model;
    this.path = path;
    this.kernels = kernels;
    this.data = data;
    this.share = share;
  }

  /** Runs the data through a model, which its caller closes after the last search. */
  public static CertifiedRanks measure(
      LiveModel model, NetworkPath path, RankedKernels kernels, LabeledData data) {
    if (data.size() == 0) {
      throw new InvalidInputException(data.name() + ": expected samples, found none");
    }
    Map<Integer, Layer> layers = new LinkedHashMap<>();
    Map<Integer, TailEnergies> tails = new LinkedHashMap<>();
    for (int p = 0; p < path.products().size(); p++) {
      PathStep.Product product = path.products().get(p);
      for (Layer layer : kernels.layers()) {
        Optional<KernelUse> use =
            layer.uses().stream()
                .filter(u -> u.loop().isEmpty() && u.operation().equals(product.node()))
                .findFirst();
        if (use.isPresent() && columnsComeLast(model, product) && layer.breakEvenRank() > 0) {
          layers.put(p, layer);
          tails.put(p, new TailEnergies(rightVectors(kernels.svd(layer), use.get())));
        }
      }
    }
    Optional<Svd> svd =
        path.classifier(model.flatGraph())
            .filter(layers::containsKey)
            .map(p -> asMultiplied(kernels, layers, path.products().get(p), p));
    return new CertifiedRanks(
        model,
        path,
        kernels,
        data,
        CertifiedShare.measure(model, path, layers, tails, svd, data.head(SEARCHED)));
  }

  /** Products whose output has the kernel's columns as its last axis: dense ones, and images. */
  private static boolean columnsComeLast(LiveModel model, PathStep.Product product) {
    return switch (product.operation()) {
      case "MatMul", "BatchMatMul", "BatchMatMulV2", "BatchMatMulV3" -> true;
      case "Conv2D", "Conv3D" -> Windows.spatialAxis(model.flatGraph().node(product.node())) == 1;
      default -> false;
    };
  }

  private static Svd asMultiplied(
      RankedKernels kernels, Map<Integer, Layer> layers, PathStep.Product product, int index) {
    Layer layer = Objects.requireNonNull(layers.get(index));
    Svd svd = kernels.svd(layer);
    boolean transposed =
        layer.uses().stream()
            .anyMatch(use -> use.operation().equals(product.node()) && use.transposed());
    return transposed ? new Svd(svd.vt().transpose(), svd.spectrum(), svd.u().transpose()) : svd;
  }

  private static Matrix rightVectors(Svd svd, KernelUse use) {
    return use.transposed() ? svd.u() : svd.vt().transpose();
  }

  /**
   * What the search found.
   *
   * @param ranks of the layers that are truncated; empty where the share cannot be kept
   * @param share of the predictions that is certified at these ranks; where there are none, the
   *     best that one truncated layer leaves
   */
  public record Found(Map<Layer, Integer> ranks, double share) {
    public Found {
      ranks = new LinkedHashMap<>(ranks);
    }
  }

  /** The rule of a plan with such ranks, as tables show it. */
  public static String rule(double share) {
    return "certify:" + share;
  }

  /**
   * Searches for ranks.
   *
   * @param wanted the least share of the predictions to certify, in (0, 1]
   */
  public Found search(double wanted) {
    String rule = rule(wanted);
    double aimed = wanted;
    for (int attempt = 0; attempt < ATTEMPTS && aimed <= 1; attempt++) {
      Map<Layer, Integer> ranks = best(aimed);
      CompressionPlan plan = kernels.plan(rule, ranks);
      if (plan.factored().isEmpty()) {
        break;
      }
      double found =
          OutputBound.of(model, path, plan).onData(data, 0, Optional.empty()).certifiedShare();
      if (found >= wanted) {
        return new Found(ranks, found);
      }
      aimed = Math.min(1, aimed + Math.max(wanted - found, 0.5 / data.size()));
    }
    return new Found(Map.of(), bestOfOne(rule));
  }

  /** The share that is left where only the layer that costs least is truncated, as little. */
  private double bestOfOne(String rule) {
    double best = 0;
    for (Layer layer : share.layers()) {
      CompressionPlan plan = kernels.plan(rule, Map.of(layer, layer.breakEvenRank()));
      if (!plan.factored().isEmpty()) {
        OutputCertificate certificate =
            OutputBound.of(model, path, plan).onData(data, 0, Optional.empty());
        best = Math.max(best, certificate.certifiedShare());
      }
    }
    return best;
  }

  /**
   * The ranks with the fewest parameters: what each price gives, with layers made whole until the
   * share is kept, then lowered.
   */
  private Map<Layer, Integer> best(double wanted) {
    Set<Map<Layer, Integer>> starts = new LinkedHashSet<>(oneOrTwo(wanted));
    for (int power = -10; power <= 40; power++) {
      starts.add(feasible(atPrice(Math.pow(2, power)), wanted));
    }
    Map<Layer, Integer> best = Map.of();
    for (Map<Layer, Integer> start : starts) {
      Map<Layer, Integer> ranks = lowered(start, wanted);
      if (saved(ranks) > saved(best)) {
        best = ranks;
      }
    }
    return best;
  }

  /** One layer, or two, at the highest rank that saves something. */
  private List<Map<Layer, Integer>> oneOrTwo(double wanted) {
    List<Map<Layer, Integer>> starts = new ArrayList<>();
    for (Layer one : share.layers()) {
      for (Layer two : share.layers().size() <= MANY ? share.layers() : List.of(one)) {
        Map<Layer, Integer> ranks = new LinkedHashMap<>();
        ranks.put(one, one.breakEvenRank());
        ranks.put(two, two.breakEvenRank());
        if (share.at(ranks) >= wanted) {
          starts.add(ranks);
        }
      }
    }
    return starts;
  }

  private static long saved(Map<Layer, Integer> ranks) {
    long saved = 0;
    for (Map.Entry<Layer, Integer> entry : ranks.entrySet()) {
      saved += entry.getKey().parameters() - entry.getKey().parametersAtRank(entry.getValue());
    }
    return saved;
  }

  /** Makes layers whole, each time the one that saves least for what it takes. */
  private Map<Layer, Integer> feasible(Map<Layer, Integer> start, double wanted) {
    Map<Layer, Integer> ranks = new LinkedHashMap<>(start);
    while (share.at(ranks) < wanted) {
      Layer worst =
          ranks.entrySet().stream()
              .min(
                  Comparator.comparingDouble(
                      entry ->
                          saved(Map.of(entry.getKey(), entry.getValue()))
                              / share.taken(entry.getKey(), entry.getValue())))
              .orElseThrow()
              .getKey();
      ranks.remove(worst);
      if (ranks.isEmpty()) {
        return ranks;
      }
    }
    return ranks;
  }

  private Map<Layer, Integer> atPrice(double price) {
    Map<Layer, Integer> ranks = new LinkedHashMap<>();
    for (Layer layer : share.layers()) {
      double best = layer.parameters(); // whole
      for (int rank = 1; rank <= layer.breakEvenRank(); rank++) {
        double cost = layer.parametersAtRank(rank) + price * share.taken(layer, rank);
        if (cost < best) {
          best = cost;
          ranks.put(layer, rank);
        }
      }
    }
    return ranks;
  }

  /** Lowers ranks one layer after the other, in ever smaller steps, while the share holds. */
  private Map<Layer, Integer> lowered(Map<Layer, Integer> start, double wanted) {
    Map<Layer, Integer> ranks = new LinkedHashMap<>(start);
    List<Layer> layers = new ArrayList<>(share.layers());
    for (int step = 64; step >= 1; step /= 2) {
      boolean changed = true;
      while (changed) {
        changed = false;
        for (Layer layer : layers) {
          Map<Layer, Integer> candidate = new LinkedHashMap<>(ranks);
          int now = ranks.getOrDefault(layer, layer.breakEvenRank() + step);
          if (now > step) {
            candidate.put(layer, Math.min(layer.breakEvenRank(), now - step));
            if (share.at(candidate) >= wanted) {
              ranks = candidate;
              changed = true;
            }
          }
        }
      }
    }
    return ranks;
  }
}
