package io.github.rankfold.models.evaluation;

import io.github.rankfold.models.files.CsvTable;
import java.util.LinkedHashMap;
import java.util.Map;

/** A model before and after compression, on the same data. */
public record Comparison(Evaluation original, Evaluation compressed) {
  /** Parameters before by parameters after, all parameters of the model counted. */
  public double ratio() {
    return (double) original.size().parameters() / compressed.size().parameters();
  }

  /** The table of evaluation.csv, rows {@code original} and {@code compressed}. */
  public CsvTable table() {
    Map<String, Evaluation> rows = new LinkedHashMap<>();
    rows.put("original", original);
    rows.put("compressed", compressed);
    return Evaluation.table(rows);
  }
}
