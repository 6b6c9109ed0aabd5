package io.github.rankfold.compression;

import io.github.rankfold.compression.factors.LayerDecision;
import io.github.rankfold.compression.rewriting.GraphRewriter;
import io.github.rankfold.models.files.CsvTable;
import io.github.rankfold.models.live.LiveModel;
import io.github.rankfold.models.live.ModelSize;
import java.util.List;

/**
 * What a rule does to each layer of a model. Immutable; it is the dry run, and applying it changes
 * no decision.
 *
 * @param rule as the command line writes it
 * @param decisions one a layer, in the order in which data meets them
 */
public record CompressionPlan(String rule, List<LayerDecision> decisions) {
  public CompressionPlan {
    decisions = List.copyOf(decisions);
  }

  /** The decisions that replace a kernel. */
  public List<LayerDecision> factored() {
    return decisions.stream().filter(decision -> decision.factors().isPresent()).toList();
  }

  /**
   * The weights of the whole model after this plan: also gone is what nothing but a replaced kernel
   * needed, such as a mask that it was multiplied by.
   */
  public ModelSize size(LiveModel model) {
    return model.sizeOf(GraphRewriter.rewrite(model.flatGraph(), decisions));
  }

  /** The table of compression.csv. */
  public CsvTable table() {
    CsvTable.Builder table =
        CsvTable.columns(
            "layer",
            "kind",
            "rule",
            "full_rank",
            "rank",
            "parameters_before",
            "parameters_after",
            "multiply_adds_before",
            "multiply_adds_after",
            "discarded_energy",
            "kept_because",
            "form",
            "input_rank",
            "storage",
            "bytes_after",
            "relative_error");
    for (LayerDecision decision : decisions) {
      table.row(
          decision.layer().name(),
          decision.layer().kind(),
          rule,
          decision.spectrum().size(),
          decision.rank(),
          decision.layer().parameters(),
          decision.parametersAfter(),
          decision.layer().multiplyAdds(),
          decision.multiplyAddsAfter(),
          decision.discardedEnergy(),
          decision.keptBecause(),
          decision.form(),
          decision.inputRank(),
          decision.storage(),
          decision.bytesAfter(),
          decision.relativeError());
    }
    return table.build();
  }
}
