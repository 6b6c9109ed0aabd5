package io.github.rankfold.compression.trials;

import io.github.rankfold.collapse.linalg.Cholesky;
import io.github.rankfold.collapse.linalg.Matrix;
import io.github.rankfold.collapse.probe.JointMoments;
import io.github.rankfold.collapse.probe.KernelMoments;
import io.github.rankfold.compression.factors.Factorization;
import io.github.rankfold.compression.factors.KernelApproximations;
import io.github.rankfold.compression.factors.LayerDecision;
import io.github.rankfold.compression.factors.OutputShift;
import io.github.rankfold.compression.factors.Weighting;
import io.github.rankfold.models.data.LabeledData;
import io.github.rankfold.models.layers.KernelUse;
import io.github.rankfold.models.layers.Layer;
import io.github.rankfold.models.live.LiveModel;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Fits the factors of each layer to what the original gives there, from first to last: {@code min
 * ||Z W - Z' W'||} over W' of rank r, with Z what the layer multiplies in the original and Z' in
 * the truncated model. What the layers before have changed is made up for as far as a linear map
 * can (He, Zhang and Sun, arXiv 1707.06168; asymmetric reconstruction of Zhang et al., arXiv
 * 1505.06798).
 *
 * <p>Where only a ReLU takes what a layer gives, errors below 0 count little, as in the nonlinear
 * case of Zhang et al.: see {@link JointMoments}.
 *
 * <p>The unrestricted minimum is {@code W* = C'^-1 Z'^T Z W}; where Z' does not vary it is W. The
 * rank is then cut in the norm of {@link Weighting#OUTPUTS}.
 */
public final class LayerReconstruction {
  /** Relative to the mean eigenvalue of C'. */
  private static final double DAMPING = 1e-3;

  private final TrialGraph trial;
  private final LabeledData data;
  private final Map<Layer, Matrix> sensitivities;
  private final Map<Layer, JointMoments> joint = new HashMap<>();
  private final RectifiedProducts rectified;

  /**
   * @param data to fit on; its labels are not used
   * @param sensitivities of the original's outputs to what each layer gives, see {@link
   *     KernelMoments#sensitivity}; layers that are not in it are not fitted
   */
  public LayerReconstruction(TrialGraph trial, LabeledData data, Map<Layer, Matrix> sensitivities) {
    this.trial = trial;
    this.data = data;
    this.sensitivities = Map.copyOf(sensitivities);
    this.rectified = new RectifiedProducts(trial.model());
  }

  /** The decisions for these ranks, fitted to all samples. */
  public Map<Layer, LayerDecision> at(Map<Layer, Integer> ranks) {
    return at(ranks, data.size());
  }

  /** The decisions for these ranks, fitted to so many samples; the trial graph has them then. */
  public Map<Layer, LayerDecision> at(Map<Layer, Integer> ranks, int samples) {
    Map<Layer, LayerDecision> decisions = new LinkedHashMap<>();
    ranks.forEach((layer, rank) -> decisions.put(layer, trial.truncated(layer, rank)));
    trial.assign(decisions);
    for (Layer layer : fitted(ranks)) {
      int rank = Objects.requireNonNull(ranks.get(layer));
      refit(layer, rank, samples).ifPresent(better -> decisions.put(layer, better));
      trial.assign(decisions);
    }
    return decisions;
  }

  /**
   * The layers that are fitted, in the order in which data meets them; each takes a pass up to it.
   * Nothing before the first truncated one has changed what it multiplies, so that it is fitted
   * only to what a ReLU lets through.
   */
  public List<Layer> fitted(Map<Layer, Integer> ranks) {
    List<Layer> truncated = trial.layers().stream().filter(ranks::containsKey).toList();
    return IntStream.range(0, truncated.size())
        .filter(i -> i > 0 || isRectified(truncated.get(0)))
        .mapToObj(truncated::get)
        .toList();
  }

  private boolean isRectified(Layer layer) {
    List<KernelUse> uses = trial.model().calledUses(layer);
    return uses.size() == 1 && rectified.of(uses.get(0)).isPresent();
  }

  private Optional<LayerDecision> refit(Layer layer, int rank, int samples) {
    List<KernelUse> uses = trial.model().calledUses(layer);
    KernelApproximations one = trial.approximations().get(layer);
    Matrix known = sensitivities.get(layer);
    if (one == null || known == null || uses.size() != 1) {
      return Optional.empty();
    }
    LiveModel model = trial.model();
    JointMoments both =
        joint.computeIfAbsent(
            layer,
            l ->
                new JointMoments(
                    model,
                    l,
                    uses.get(0),
                    trial::tensor,
                    rectified.of(uses.get(0)),
                    data,
                    trial.batch()));
    boolean shifts = trial.shifts(layer) && one.mean().isPresent();
    JointMoments.Values values = both.collect(shifts, samples);
    Matrix kernel = one.kernel();
    Cholesky root = Cholesky.of(values.inputs(), DAMPING);
    Matrix missing = values.cross().minus(values.inputs().times(kernel));
    Matrix best = kernel.plus(root.solve(missing));
    KernelApproximations refitted =
        KernelApproximations.of(layer, best, values.asMoments(known), Weighting.OUTPUTS, shifts);
    LayerDecision decision = one.decision(refitted.at(rank));
    if (!shifts) {
      return Optional.of(decision);
    }
    Factorization factors = decision.factors().orElseThrow();
    Matrix given = values.inputMean().times(factors.left()).times(factors.right());
    return Optional.of(decision.shifted(OutputShift.ofItsOwn(values.outputMean().minus(given))));
  }
}
