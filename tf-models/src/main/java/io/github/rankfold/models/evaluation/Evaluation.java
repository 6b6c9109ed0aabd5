package io.github.rankfold.models.evaluation;

import io.github.rankfold.models.files.CsvTable;
import io.github.rankfold.models.live.ModelSize;
import java.util.Map;
import java.util.Optional;

/**
 * One model on one set of labelled data.
 *
 * @param accuracy share of samples whose largest logit is that of the label
 * @param loss mean softmax cross-entropy, in nats
 * @param size the weights that the model reaches
 * @param bytesOnDisk all files of the SavedModel
 * @param latencyMillis median time of one call with one sample, in milliseconds
 */
public record Evaluation(
    Accuracy accuracy, double loss, ModelSize size, long bytesOnDisk, double latencyMillis) {

  /** The table of evaluation.csv, one row a model. */
  public static CsvTable table(Map<String, Evaluation> byModel) {
    EvaluationTable table = new EvaluationTable();
    byModel.forEach((model, evaluation) -> table.add(model, evaluation, Optional.empty()));
    return table.build();
  }
}
