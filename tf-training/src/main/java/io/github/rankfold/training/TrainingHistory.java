package io.github.rankfold.training;

import io.github.rankfold.models.files.CsvTable;
import java.util.List;

/** The epochs of one training, in order. */
public record TrainingHistory(List<EpochSummary> epochs) {
  public TrainingHistory {
    epochs = List.copyOf(epochs);
  }

  /** The last epoch. */
  public EpochSummary last() {
    return epochs.get(epochs.size() - 1);
  }

  /** The table of {@code history.csv}. */
  public CsvTable toCsv() {
    CsvTable.Builder table =
        CsvTable.columns(
            "epoch",
            "objective",
            "loss",
            "accuracy",
            "test_loss",
            "test_accuracy",
            "learning_rate",
            "seconds");
    for (EpochSummary row : epochs) {
      table.row(
          row.epoch(),
          row.objective(),
          row.loss(),
          row.accuracy(),
          row.testLoss(),
          row.testAccuracy(),
          row.learningRate(),
          row.seconds());
    }
    return table.build();
  }
}
