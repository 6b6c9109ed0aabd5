package io.github.rankfold.compression;

import io.github.rankfold.collapse.linalg.Matrix;
import io.github.rankfold.collapse.linalg.Precision;
import io.github.rankfold.collapse.linalg.Spectrum;
import io.github.rankfold.collapse.linalg.Subspace;
import io.github.rankfold.collapse.probe.AnalysisNote;
import io.github.rankfold.collapse.probe.AnalysisOptions;
import io.github.rankfold.collapse.probe.ClassMeans;
import io.github.rankfold.collapse.probe.CollapseAnalysis;
import io.github.rankfold.collapse.probe.KernelSpectra;
import io.github.rankfold.collapse.rank.RankCertificate;
import io.github.rankfold.compression.factors.Factorization;
import io.github.rankfold.compression.factors.LayerDecision;
import io.github.rankfold.compression.rewriting.SharedKernels;
import io.github.rankfold.models.InvalidInputException;
import io.github.rankfold.models.data.LabeledData;
import io.github.rankfold.models.layers.Layer;
import io.github.rankfold.models.live.LiveModel;
import io.github.rankfold.models.network.Penalties;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;

/**
 * What to keep of each kernel, decided from the classes of the data that the model was trained on:
 * the rules that collapse itself gives. See {@link RankRule} for those of a spectrum alone.
 */
public sealed interface DataRule {
  /** The grammar of {@link #parse}, for help texts and messages. */
  String GRAMMAR = "certificate:0.1 or class-means";

  /** The rule as the command line writes it. */
  String text();

  /**
   * A plan for the selected layers; the others are kept. Writes nothing.
   *
   * @param data that the model was trained on, with its labels
   * @param penalties that it was trained with
   * @param beforeEach told of each selected layer
   */
  CompressionPlan plan(
      LiveModel model,
      LayerSelection selection,
      LabeledData data,
      Penalties penalties,
      Consumer<Layer> beforeEach);

  /**
   * Reads a rule as the command line has it; empty where it is no rule of this kind.
   *
   * @throws IllegalArgumentException where it is one that is wrong
   */
  static Optional<DataRule> parse(String text) {
    String[] parts = text.split(":", 2);
    try {
      return switch (parts[0]) {
        case "certificate" ->
            Optional.of(new Certified(Double.parseDouble(parts.length == 2 ? parts[1] : "")));
        case "class-means" ->
            parts.length == 1 ? Optional.of(new OnClassMeans()) : Optional.empty();
        default -> Optional.empty();
      };
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "expected a rule such as %s, was '%s'".formatted(GRAMMAR, text), e);
    }
  }

  /**
   * The least rank whose distance to the kernel collapse proves to be at most a share of the
   * kernel: {@code min {r : B(r) <= share ||W||_F}} with B(r) the least {@link
   * RankCertificate#distanceBound} over all partitions of the samples that were tried. So at most
   * that share of the kernel's norm is lost, whatever was measured.
   *
   * <p>Zangrando et al., arXiv 2402.03991, with the bounds of docs/certificates.md. A kernel
   * without a penalty has no certificate and is kept.
   *
   * @param share in (0, 1)
   */
  record Certified(double share) implements DataRule {
    public Certified {
      if (!(share > 0 && share < 1)) {
        throw new IllegalArgumentException("certificate must be in (0, 1), was " + share);
      }
    }

    @Override
    public String text() {
      return "certificate:" + share;
    }

    /**
     * The rank, where some certificate proves one.
     *
     * @param certificates of one kernel, by any partitions
     */
    public Optional<Integer> rankFor(List<RankCertificate> certificates) {
      if (certificates.isEmpty()) {
        return Optional.empty();
      }
      Spectrum kernel = certificates.get(0).kernelSpectrum();
      double allowed = share * kernel.distanceToRank(0);
      List<IntToDoubleFunction> bounds =
          certificates.stream().map(RankCertificate::distanceBounds).toList();
      return IntStream.range(1, kernel.size())
          .filter(r -> bounds.stream().anyMatch(bound -> bound.applyAsDouble(r) <= allowed))
          .boxed()
          .findFirst();
    }

    @Override
    public CompressionPlan plan(
        LiveModel model,
        LayerSelection selection,
        LabeledData data,
        Penalties penalties,
        Consumer<Layer> beforeEach) {
      requirePenalty(model, penalties);
      data.requireLabels("rule " + text());
      AnalysisOptions full = AnalysisOptions.full(data.classes());
      CollapseAnalysis analysis =
          CollapseAnalysis.of(
              model,
              data,
              penalties,
              new AnalysisOptions(full.clusters(), full.clustersPerClass(), false, full.seed()),
              share -> {});
      Map<String, List<RankCertificate>> byLayer = new HashMap<>();
      analysis.layers().stream()
          .flatMap(report -> report.certificates().stream())
          .forEach(c -> byLayer.computeIfAbsent(c.layer(), k -> new ArrayList<>()).add(c));
      RankedKernels kernels = RankedKernels.of(model, selection, beforeEach);
      Map<Layer, Integer> ranks = new HashMap<>();
      Map<Layer, String> without = new HashMap<>();
      for (Layer layer : kernels.layers()) {
        List<RankCertificate> certificates = byLayer.getOrDefault(layer.name(), List.of());
        Optional<Integer> rank = rankFor(certificates);
        rank.ifPresent(r -> ranks.put(layer, r));
        if (certificates.isEmpty()) {
          without.put(layer, whyUncertified(layer, penalties, analysis.notes()));
        } else if (rank.isEmpty()) {
          without.put(layer, "no rank is certified within %s of its norm".formatted(share));
        }
      }
      return kernels.plan(text(), ranks, without);
    }

    private void requirePenalty(LiveModel model, Penalties penalties) {
      if (model.layers().stream().noneMatch(l -> penalties.lambdaOf(l.variable()) > 0)) {
        throw new InvalidInputException(
            "%s: rule %s: expected the L2 penalty that the kernels were trained with, found none in"
                    .formatted(model.files().folder(), text())
                + " a manifest (--l2 gives one)");
      }
    }

    private static String whyUncertified(
        Layer layer, Penalties penalties, List<AnalysisNote> notes) {
      return penalties.lambdaOf(layer.variable()) > 0
          ? notes.stream()
              .filter(note -> note.layer().equals(layer.name()))
              .map(note -> "no certificate: " + note.because())
              .findFirst()
              .orElse("no certificate")
          : "no certificate, as it has no penalty";
    }
  }

  /**
   * {@code W' = P W}, with P the orthogonal projector on the span of the class means of what the
   * layer multiplies, of rank at most K: the collapse rule, with data. Where the features have
   * collapsed, {@code z P = z} and nothing changes; in any case nothing changes for the class
   * means.
   *
   * <p>Factors {@code B^T} [m x d] and {@code B W} [d x n], the rows of B an orthonormal basis of
   * the span. What is lost, {@code ||(I - P) W||_F}, is the distance of W's columns to the span.
   * That {@code (I - P) W} is small is the projected bound of {@link RankCertificate}.
   */
  record OnClassMeans() implements DataRule {
    /** Directions that only rounding of single precision gives are none. */
    private static final double INDEPENDENT = 1e-6;

    @Override
    public String text() {
      return "class-means";
    }

    @Override
    public CompressionPlan plan(
        LiveModel model,
        LayerSelection selection,
        LabeledData data,
        Penalties penalties,
        Consumer<Layer> beforeEach) {
      selection.requireMatches(model.layers());
      Map<Layer, Matrix> means =
          ClassMeans.of(model, data, model.layers().stream().filter(selection::selects).toList());
      List<LayerDecision> decisions = new ArrayList<>();
      for (Layer layer : model.layers()) {
        beforeEach.accept(layer);
        Matrix kernel = KernelSpectra.kernel(model, layer);
        Precision precision = KernelSpectra.precision(layer);
        Spectrum spectrum = Spectrum.of(kernel, precision);
        Optional<Subspace> span =
            Optional.ofNullable(means.get(layer)).map(m -> Subspace.spannedBy(m, INDEPENDENT));
        if (!selection.selects(layer)) {
          decisions.add(LayerDecision.kept(layer, spectrum, layer.fullRank(), "not selected"));
        } else if (span.isEmpty()) {
          decisions.add(
              LayerDecision.kept(
                  layer,
                  spectrum,
                  layer.fullRank(),
                  "it multiplies no rows that belong to classes"));
        } else {
          decisions.add(projected(layer, kernel, spectrum, span.get()));
        }
      }
      return new CompressionPlan(text(), SharedKernels.kept(model.flatGraph(), decisions));
    }

    /** The decision for one kernel and the span of its class means. */
    static LayerDecision projected(Layer layer, Matrix kernel, Spectrum spectrum, Subspace span) {
      int rank = span.dimension();
      if (rank < 1 || rank > layer.breakEvenRank()) {
        String because =
            rank < 1
                ? "its class means are all zero"
                : "%d class means save nothing, %d or less would"
                    .formatted(rank, layer.breakEvenRank());
        return LayerDecision.kept(layer, spectrum, Math.max(1, rank), because);
      }
      double lost = span.residualOfColumns(kernel).frobeniusNorm();
      Factorization factors =
          new Factorization(span.basis().transpose(), span.basis().times(kernel));
      return LayerDecision.factored(layer, spectrum, factors, lost * lost);
    }
  }
}
