package io.github.rankfold.compression.search;

import io.github.rankfold.compression.factors.LayerDecision;
import io.github.rankfold.compression.trials.TrialGraph;
import io.github.rankfold.models.layers.Layer;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** What a search knows from before it was interrupted, or from other budgets. */
interface SearchJournal {
  /** Remembers as long as it is there. */
  final class InMemory implements SearchJournal {
    private final Map<String, Difference> known = new HashMap<>();
    private final Map<String, Map<Layer, LayerDecision>> factors = new HashMap<>();

    @Override
    public Optional<Difference> known(String plan, Part part) {
      return Optional.ofNullable(known.get(part + " " + plan));
    }

    @Override
    public void found(String plan, Part part, Difference difference) {
      known.put(part + " " + plan, difference);
    }

    @Override
    public Optional<Map<Layer, LayerDecision>> factors(String plan, TrialGraph trial) {
      return Optional.ofNullable(factors.get(plan));
    }

    @Override
    public void keep(String plan, Map<Layer, LayerDecision> made) {
      factors.put(plan, made);
    }
  }

  /** Which samples something was measured on. */
  enum Part {
    /** Those that plans are searched with. */
    SEARCH,
    /** Those that only judge. */
    JUDGE,
    /** Calibration samples that fine-tuning does not train on. */
    HELD_OUT
  }

  /**
   * What was measured.
   *
   * @param plan what was done to the factors, and the ranks, see {@link RankPath#plan}
   */
  Optional<Difference> known(String plan, Part part);

  /** Remembers what was measured. */
  void found(String plan, Part part, Difference difference);

  /** Factors that took long to make. */
  Optional<Map<Layer, LayerDecision>> factors(String plan, TrialGraph trial);

  /** Remembers them. */
  void keep(String plan, Map<Layer, LayerDecision> factors);
}
