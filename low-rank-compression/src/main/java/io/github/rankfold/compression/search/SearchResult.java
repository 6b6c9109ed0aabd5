package io.github.rankfold.compression.search;

import io.github.rankfold.compression.CompressionPlan;
import io.github.rankfold.models.files.CsvTable;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a search found.
 *
 * @param plan to apply
 * @param chosen the point that the plan is
 * @param points all that were tried, in order
 * @param original the size of the model before
 * @param samples the name of the data that the drop was measured on
 * @param evaluations of all samples; a trial on half of them is half a one
 * @param passes what the whole search cost, in forward passes of the model over that data; at most,
 *     where fine-tuning ended early
 * @param settings what was searched by and on which data, for a manifest
 */
public record SearchResult(
    CompressionPlan plan,
    SearchPoint chosen,
    List<SearchPoint> points,
    PlannedSize original,
    String samples,
    double evaluations,
    double passes,
    Map<String, Object> settings) {
  public SearchResult {
    points = List.copyOf(points);
    settings = Collections.unmodifiableMap(new LinkedHashMap<>(settings));
  }

  /** The same, with a plan by another name of what it was made by. */
  SearchResult named(String rule) {
    return new SearchResult(
        new CompressionPlan(rule, plan.decisions()),
        chosen,
        points,
        original,
        samples,
        evaluations,
        passes,
        settings);
  }

  /**
   * What a manifest says of the search: its settings, its data, and what was found and promised.
   */
  public Map<String, Object> record() {
    Map<String, Object> record = new LinkedHashMap<>(settings);
    record.put("refinement", chosen.refinement().toString());
    record.put("drop", chosen.drop().measured());
    chosen.drop().promised().ifPresent(promised -> record.put("promised_drop", promised));
    record.put("samples", chosen.drop().samples());
    return record;
  }

  /** The table of search.csv: what was tried, in order. */
  public CsvTable table() {
    return SearchPoint.table(points, Optional.of(chosen));
  }
}
