package io.github.rankfold.compression.search;

import io.github.rankfold.compression.factors.LayerDecision;
import io.github.rankfold.compression.trials.TrialGraph;
import io.github.rankfold.models.layers.Layer;
import java.util.Map;
import java.util.Optional;

/** What a search knows from before it was interrupted. */
interface SearchJournal {
  /** Remembers nothing. */
  SearchJournal NONE =
      new SearchJournal() {
        @Override
        public Optional<Difference> known(String plan, Part part) {
          return Optional.empty();
        }

        @Override
        public void found(String plan, Part part, Difference difference) {}

        @Override
        public Optional<Map<Layer, LayerDecision>> factors(String plan, TrialGraph trial) {
          return Optional.empty();
        }

        @Override
        public void keep(String plan, Map<Layer, LayerDecision> factors) {}
      };

  /** Which samples something was measured on. */
  enum Part {
    /** Those that plans are searched with. */
    SEARCH,
    /** Those that only judge. */
    JUDGE
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
