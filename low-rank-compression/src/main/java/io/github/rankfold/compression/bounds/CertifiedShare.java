package io.github.rankfold.compression.bounds;

import io.github.rankfold.collapse.linalg.Matrix;
import io.github.rankfold.collapse.linalg.Svd;
import io.github.rankfold.models.data.LabeledData;
import io.github.rankfold.models.layers.Layer;
import io.github.rankfold.models.live.InputBatch;
import io.github.rankfold.models.live.LiveModel;
import io.github.rankfold.models.live.TensorValues;
import io.github.rankfold.models.savedmodel.TensorRef;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.tensorflow.Result;
import org.tensorflow.Session;

/**
 * Which share of some samples would be certified at given ranks, without running anything again.
 * What the search of {@link CertifiedRanks} is guided by; the certificate itself is {@link
 * OutputBound}'s.
 */
final class CertifiedShare {
  private static final int BATCH = 200;

  private final Map<Integer, Layer> layers;
  private final Map<Integer, TailEnergies> tails;
  private final List<Gaps> gaps;

  /** For each product, what a distance that it adds becomes where gaps are compared. */
  private final Map<Integer, Double> rest;

  /** The product that gives the logits, whose own change is compared with the gaps as it is. */
  private final Optional<Integer> classifier;

  /** The classifier's singular vectors, as it multiplies, and its products, one row a sample. */
  private final Optional<Svd> classifierSvd;

  private final Matrix products;
  private final Map<Integer, LogitChange> changes = new HashMap<>();
  private final Map<Layer, double[]> taken = new LinkedHashMap<>();

  /**
   * One sample: the gaps to all other logits, each with the factor by which a distance counts, and
   * the margin as a distance.
   */
  private record Gaps(int top, List<Gap> others) {
    double margin() {
      return others.stream().mapToDouble(g -> g.size / g.factor).min().orElse(0);
    }

    double least() {
      return others.stream().mapToDouble(g -> g.size).min().orElse(0);
    }
  }

  private record Gap(int other, double size, double factor) {}

  private CertifiedShare(
      Map<Integer, Layer> layers,
      Map<Integer, TailEnergies> tails,
      List<Gaps> gaps,
      Map<Integer, Double> rest,
      Optional<Integer> classifier,
      Optional<Svd> classifierSvd,
      Matrix products) {
    this.layers = layers;
    this.tails = tails;
    this.gaps = gaps;
    this.rest = rest;
    this.classifier = classifier;
    this.classifierSvd = classifierSvd;
    this.products = products;
    for (Layer layer : new LinkedHashSet<>(layers.values())) {
      double[] byRank = new double[layer.breakEvenRank() + 1];
      for (int rank = 1; rank < byRank.length; rank++) {
        byRank[rank] = takenNow(layer, rank);
      }
      taken.put(layer, byRank);
    }
  }

  /**
   * Runs the data.
   *
   * @param layers by product
   * @param tails by product, to be filled
   * @param svd of the product that gives the logits, as it multiplies, where it is among these
   */
  static CertifiedShare measure(
      LiveModel model,
      NetworkPath path,
      Map<Integer, Layer> layers,
      Map<Integer, TailEnergies> tails,
      Optional<Svd> svd,
      LabeledData data) {
    Optional<Integer> classifier = path.classifier(model.flatGraph());
    Optional<PairNorms> pairs = classifier.map(p -> pairs(model, path.products().get(p)));
    List<Gaps> gaps = new ArrayList<>();
    List<Integer> products = List.copyOf(layers.keySet());
    List<double[]> ofClassifier = new ArrayList<>();
    for (int from = 0; from < data.size(); from += BATCH) {
      int to = Math.min(from + BATCH, data.size());
      try (InputBatch input = model.inputOf(data, from, to)) {
        Session.Runner runner = model.feeding(input).fetch(model.fetchable(path.logits()));
        products.forEach(
            p -> runner.fetch(model.fetchable(new TensorRef(path.products().get(p).node(), 0))));
        try (Result result = runner.run()) {
          double[] logits = TensorValues.toDoubles(result.get(0));
          int classes = logits.length / (to - from);
          for (int i = 0; i < to - from; i++) {
            gaps.add(gaps(new Logits(logits, i * classes, classes), pairs));
          }
          for (int i = 0; i < products.size(); i++) {
            double[] values = TensorValues.toDoubles(result.get(i + 1));
            Objects.requireNonNull(tails.get(products.get(i))).add(values, to - from);
            if (classifier.isPresent() && classifier.get().equals(products.get(i))) {
              ofClassifier.add(values);
            }
          }
        }
      }
    }
    return new CertifiedShare(
        layers,
        tails,
        gaps,
        rest(path, layers, classifier),
        classifier,
        svd,
        stacked(ofClassifier, data.size()));
  }

  private static Matrix stacked(List<double[]> batches, int samples) {
    int size = batches.stream().mapToInt(batch -> batch.length).sum();
    double[] all = new double[size];
    int offset = 0;
    for (double[] batch : batches) {
      System.arraycopy(batch, 0, all, offset, batch.length);
      offset += batch.length;
    }
    return Matrix.owning(samples, size / samples, all);
  }

  private static PairNorms pairs(LiveModel model, PathStep.Product product) {
    try (Result result = model.session().runner().fetch(model.fetchable(product.kernel())).run()) {
      Matrix kernel =
          Matrix.owning(
              product.shape().get(0),
              product.shape().get(1),
              TensorValues.toDoubles(result.get(0)));
      return PairNorms.of(
          NetworkPath.isTransposed(model.flatGraph().node(product.node()))
              ? kernel.transpose()
              : kernel);
    }
  }

  private static Map<Integer, Double> rest(
      NetworkPath path, Map<Integer, Layer> layers, Optional<Integer> classifier) {
    Map<Integer, Double> rest = new LinkedHashMap<>();
    for (int p : layers.keySet()) {
      double[] added = new double[path.products().size()];
      added[p] = 1;
      NetworkPath.Distances distances = path.propagate(0, path.norms(), added);
      rest.put(p, classifier.map(c -> distances.atProducts().get(c)).orElse(distances.atLogits()));
    }
    return rest;
  }

  private static Gaps gaps(Logits logits, Optional<PairNorms> pairs) {
    int top = logits.largest();
    List<Gap> others = new ArrayList<>();
    for (int other = 0; other < logits.classes(); other++) {
      if (other != top) {
        int j = other;
        double factor = pairs.map(norms -> norms.between(top, j)).orElse(Math.sqrt(2));
        others.add(new Gap(other, logits.gap(top, other), Math.max(factor, Double.MIN_NORMAL)));
      }
    }
    return new Gaps(top, others);
  }

  /** The layers that may be truncated, in data order. */
  Set<Layer> layers() {
    return taken.keySet();
  }

  /** The share at these ranks; layers without one are whole. */
  double at(Map<Layer, Integer> ranks) {
    List<Term> terms = new ArrayList<>();
    layers.forEach(
        (p, layer) -> {
          Integer rank = ranks.get(layer);
          if (rank != null) {
            terms.add(term(p, rank));
          }
        });
    Optional<LogitChange> own =
        terms.stream().filter(Term::ofLogits).findFirst().map(term -> change(term.rank()));
    terms.removeIf(Term::ofLogits);
    int certified = 0;
    for (int sample = 0; sample < gaps.size(); sample++) {
      certified += isCertified(sample, terms, own) ? 1 : 0;
    }
    return (double) certified / gaps.size();
  }

  /** What one product at a rank adds: by the rest of the network, or to the logits themselves. */
  private record Term(TailEnergies tails, int rank, double rest, boolean ofLogits) {
    double at(int sample) {
      return rest * tails.at(sample, rank);
    }
  }

  private Term term(int product, int rank) {
    boolean ofLogits = classifier.isPresent() && classifier.get() == product;
    return new Term(
        Objects.requireNonNull(tails.get(product)),
        rank,
        ofLogits ? Math.sqrt(2) : Objects.requireNonNull(rest.get(product)),
        ofLogits);
  }

  /** What truncating the classifier's own kernel does, at a rank. */
  private LogitChange change(int rank) {
    return changes.computeIfAbsent(
        rank, r -> LogitChange.of(classifierSvd.orElseThrow(), r, products));
  }

  private boolean isCertified(int sample, List<Term> terms, Optional<LogitChange> own) {
    double before = 0;
    for (Term term : terms) {
      before += term.at(sample);
    }
    Gaps all = gaps.get(sample);
    for (Gap gap : all.others()) {
      double factor = own.isPresent() ? own.get().norm(all.top(), gap.other()) : gap.factor();
      double itself = own.isPresent() ? own.get().change(sample, all.top(), gap.other()) : 0;
      if (!(gap.size() > before * factor + itself)) {
        return false;
      }
    }
    return true;
  }

  /** The mean share of a sample's margin that truncating one layer takes, at most 1. */
  double taken(Layer layer, int rank) {
    return Objects.requireNonNull(taken.get(layer))[rank];
  }

  private double takenNow(Layer layer, int rank) {
    List<Term> terms =
        layers.entrySet().stream()
            .filter(entry -> entry.getValue().equals(layer))
            .map(entry -> term(entry.getKey(), rank))
            .toList();
    double sum = 0;
    for (int sample = 0; sample < gaps.size(); sample++) {
      double change = 0;
      for (Term term : terms) {
        change += term.at(sample);
      }
      double margin =
          terms.get(0).ofLogits() ? gaps.get(sample).least() : gaps.get(sample).margin();
      sum += Math.min(1, change / Math.max(margin, Double.MIN_NORMAL));
    }
    return sum / gaps.size();
  }
}
