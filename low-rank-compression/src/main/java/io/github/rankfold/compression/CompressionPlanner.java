package io.github.rankfold.compression;

import io.github.rankfold.collapse.linalg.Matrix;
import io.github.rankfold.collapse.linalg.MatrixRows;
import io.github.rankfold.collapse.linalg.Spectrum;
import io.github.rankfold.collapse.linalg.Workers;
import io.github.rankfold.collapse.probe.KernelSpectra;
import io.github.rankfold.compression.factors.ConvolutionForm;
import io.github.rankfold.compression.factors.Factorization;
import io.github.rankfold.compression.factors.LayerDecision;
import io.github.rankfold.compression.factors.Truncation;
import io.github.rankfold.compression.factors.TuckerDecomposition;
import io.github.rankfold.compression.rewriting.BiasFinder;
import io.github.rankfold.compression.rewriting.InterpolativeLayers;
import io.github.rankfold.compression.rewriting.SharedKernels;
import io.github.rankfold.models.InvalidInputException;
import io.github.rankfold.models.layers.Layer;
import io.github.rankfold.models.live.LiveModel;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** Decides, layer by layer, what a rule does to a model. Writes nothing. */
public final class CompressionPlanner {
  private CompressionPlanner() {}

  /**
   * A plan for all layers. Large factors are computed from the model's kernels when they are asked
   * for, so the plan is for as long as the model is open.
   */
  public static CompressionPlan plan(LiveModel model, RankRule rule) {
    return plan(model, rule, LayerSelection.all(), ConvolutionForm.CHANNEL, layer -> {});
  }

  /**
   * A plan for the selected layers; the others are kept.
   *
   * @param form how convolutions are split
   * @param beforeEach told of each layer before its SVD, which is what takes time; large layers
   *     come first, and not all in the same thread, but one at a time
   */
  public static CompressionPlan plan(
      LiveModel model,
      RankRule rule,
      LayerSelection selection,
      ConvolutionForm form,
      Consumer<Layer> beforeEach) {
    return plan(model, rule, selection, form, false, beforeEach);
  }

  /**
   * As above.
   *
   * @param interpolative whether factors take that form where they can, see {@link
   *     Factorization#interpolative}: fewer parameters at the same rank, and at any below the full
   *     one
   */
  public static CompressionPlan plan(
      LiveModel model,
      RankRule rule,
      LayerSelection selection,
      ConvolutionForm form,
      boolean interpolative,
      Consumer<Layer> beforeEach) {
    Optional<InterpolativeLayers> joined =
        interpolative ? Optional.of(new InterpolativeLayers(model)) : Optional.empty();
    List<Layer> layers = model.layers();
    selection.requireMatches(layers);
    requireRankWithin(rule, layers, model);
    List<LayerDecision> decisions =
        Workers.map(
            layers,
            Layer::fullRank,
            layer -> {
              synchronized (model) {
                beforeEach.accept(layer);
              }
              return decide(model, layer, rule, selection, form, joined);
            });
    return new CompressionPlan(rule.text(), SharedKernels.kept(model.flatGraph(), decisions));
  }

  /**
   * Every kernel as two factors of its full rank. Nothing is truncated and nothing gets smaller: it
   * shows what rewriting a graph does by itself, to its outputs and to its speed.
   */
  public static CompressionPlan atFullRank(LiveModel model) {
    List<LayerDecision> decisions =
        Workers.map(
            model.layers(),
            Layer::fullRank,
            layer -> {
              Truncation truncation =
                  Truncation.of(KernelSpectra.rows(model, layer), KernelSpectra.precision(layer));
              Spectrum spectrum = truncation.spectrum();
              return LayerDecision.factored(layer, spectrum, truncation.factors(layer.fullRank()));
            });
    String rule = new RankRule.Fraction(1).text();
    return new CompressionPlan(rule, SharedKernels.kept(model.flatGraph(), decisions));
  }

  /** A fixed rank above every layer's full rank would do nothing, and is a mistake. */
  private static void requireRankWithin(RankRule rule, List<Layer> layers, LiveModel model) {
    if (rule instanceof RankRule.Fixed fixed) {
      Layer largest =
          layers.stream()
              .max(Comparator.comparingInt(Layer::fullRank))
              .orElseThrow(
                  () ->
                      new InvalidInputException(
                          model.files().folder() + ": expected a layer to compress, found none"));
      if (fixed.rank() > largest.fullRank()) {
        throw new InvalidInputException(
            "rule %s: expected a rank of at most %d (layer %s, %dx%d), found %d"
                .formatted(
                    rule.text(),
                    largest.fullRank(),
                    largest.name(),
                    largest.rows(),
                    largest.cols(),
                    fixed.rank()));
      }
    }
  }

  private static LayerDecision decide(
      LiveModel model,
      Layer layer,
      RankRule rule,
      LayerSelection selection,
      ConvolutionForm form,
      Optional<InterpolativeLayers> joined) {
    if (!selection.selects(layer)) {
      Spectrum spectrum =
          Spectrum.of(KernelSpectra.kernel(model, layer), KernelSpectra.precision(layer));
      return LayerDecision.kept(layer, spectrum, layer.fullRank(), "not selected");
    }
    return form.candidates(layer).stream()
        .map(candidate -> decide(model, layer, rule, candidate, joined))
        .min(Comparator.comparingLong(LayerDecision::parametersAfter))
        .orElseThrow();
  }

  private static LayerDecision decide(
      LiveModel model,
      Layer layer,
      RankRule rule,
      ConvolutionForm form,
      Optional<InterpolativeLayers> joined) {
    if (form == ConvolutionForm.TUCKER) {
      return decideTucker(layer, KernelSpectra.kernel(model, layer), rule);
    }
    MatrixRows matrix = form.rows(layer, KernelSpectra.rows(model, layer));
    Truncation truncation = Truncation.of(matrix, KernelSpectra.precision(layer));
    Spectrum spectrum = truncation.spectrum();
    int rank = rule.rankFor(spectrum);
    long sides = (long) spectrum.rows() + spectrum.cols();
    boolean saves = rank * sides < layer.parameters();
    if (saves || joined.isPresent()) {
      LayerDecision factored =
          LayerDecision.factored(layer, spectrum, truncation.factors(rank).in(form));
      LayerDecision formed = joined.map(layers -> layers.formed(factored)).orElse(factored);
      if (formed.parametersAfter() < layer.parameters()) {
        return formed;
      }
    }
    boolean atAny = joined.filter(all -> all.include(layer, spectrum.size() - 1)).isPresent();
    long most =
        atAny && form == ConvolutionForm.CHANNEL
            ? spectrum.size() - 1
            : (layer.parameters() - 1) / sides;
    return LayerDecision.savingNothing(layer, spectrum, rank, most);
  }

  private static LayerDecision decideTucker(Layer layer, Matrix kernel, RankRule rule) {
    TuckerDecomposition tucker =
        new TuckerDecomposition(layer, kernel, KernelSpectra.precision(layer));
    int inputRank = rule.rankFor(tucker.inputSpectrum());
    int outputRank = rule.rankFor(tucker.outputSpectrum());
    Factorization factors = tucker.factors(inputRank, outputRank);
    return factors.parameters() < layer.parameters()
        ? LayerDecision.factored(layer, tucker.outputSpectrum(), factors)
        : LayerDecision.kept(
            layer,
            tucker.outputSpectrum(),
            outputRank,
            "ranks %d and %d save nothing".formatted(inputRank, outputRank));
  }

  /**
   * A plan of these decisions, one a layer of the model: shifts go into biases where there are
   * some.
   *
   * @param rule what the decisions were made by
   */
  public static CompressionPlan finished(
      LiveModel model, String rule, List<LayerDecision> decisions) {
    BiasFinder biases = new BiasFinder(model);
    List<LayerDecision> placed =
        decisions.stream()
            .map(
                decision ->
                    decision
                        .shift()
                        .map(s -> decision.shifted(biases.shift(decision.layer(), s.amount())))
                        .orElse(decision))
            .toList();
    return new CompressionPlan(rule, SharedKernels.kept(model.flatGraph(), placed));
  }
}
