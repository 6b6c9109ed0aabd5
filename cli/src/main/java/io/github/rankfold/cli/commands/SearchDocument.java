package io.github.rankfold.cli.commands;

import io.github.rankfold.cli.console.TextTable;
import io.github.rankfold.compression.search.BudgetReached;
import io.github.rankfold.compression.search.Metric;
import io.github.rankfold.compression.search.SearchPoint;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What a search tried and reached, for {@code --json}. */
final class SearchDocument {
  private SearchDocument() {}

  /** One map a point, in order, with its ranks by layer beside those in one text. */
  static List<Map<String, Object>> tried(List<SearchPoint> points, Optional<SearchPoint> chosen) {
    List<Map<String, Object>> rows = TextTable.rows(SearchPoint.table(points, chosen));
    for (int i = 0; i < points.size(); i++) {
      Map<String, Integer> ranks = new LinkedHashMap<>();
      points.get(i).ranks().forEach((layer, rank) -> ranks.put(layer.name(), rank));
      rows.get(i).put("ranks_by_layer", ranks);
    }
    return rows;
  }

  /** How near a search came to what it did not reach. */
  static Map<String, Object> missed(BudgetReached reached, Metric metric) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("budget", reached.budget());
    reached
        .drop()
        .ifPresent(
            drop -> {
              document.put("metric", metric.toString());
              document.put("least_drop", drop);
            });
    reached
        .size()
        .ifPresent(
            size -> {
              document.put("least_parameters", size.parameters());
              document.put("least_bytes", size.bytes());
              document.put("least_multiply_adds", size.multiplyAdds());
            });
    reached
        .speed()
        .ifPresent(
            speed -> {
              document.put("least_share_of_time", speed.share());
              document.put("least_latency_ms", speed.millis());
            });
    document.put("tried", tried(reached.tried(), Optional.empty()));
    return document;
  }
}
