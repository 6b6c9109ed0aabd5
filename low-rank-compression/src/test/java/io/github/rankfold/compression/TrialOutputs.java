package io.github.rankfold.compression;

import io.github.rankfold.compression.trials.Outputs;
import io.github.rankfold.models.data.LabeledData;
import io.github.rankfold.models.live.LiveModel;

/** What a model gives, in the form in which a trial graph's outputs are. */
final class TrialOutputs {
  private TrialOutputs() {}

  static Outputs of(LiveModel model, LabeledData data) {
    return Outputs.of(model, data, model::tensor, data.size());
  }
}
