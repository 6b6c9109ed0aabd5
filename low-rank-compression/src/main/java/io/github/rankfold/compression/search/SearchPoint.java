package io.github.rankfold.compression.search;

import io.github.rankfold.models.files.CsvTable;
import io.github.rankfold.models.layers.Layer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Ranks that were tried.
 *
 * @param ranks of the layers that are truncated
 * @param refinement what was done to the truncated factors
 * @param size of the whole model
 * @param drop how much worse it was
 */
public record SearchPoint(
    Map<Layer, Integer> ranks, Refinement refinement, PlannedSize size, Drop drop) {
  public SearchPoint {
    ranks = new LinkedHashMap<>(ranks);
  }

  /**
   * The table of search.csv.
   *
   * @param points what was tried, in order
   * @param chosen the one that was taken, if any was
   */
  public static CsvTable table(List<SearchPoint> points, Optional<SearchPoint> chosen) {
    CsvTable.Builder table =
        CsvTable.columns(
            "trial",
            "parameters",
            "bytes",
            "multiply_adds",
            "refinement",
            "drop",
            "promised_drop",
            "chosen",
            "ranks",
            "samples");
    for (int i = 0; i < points.size(); i++) {
      SearchPoint point = points.get(i);
      table.row(
          i + 1,
          point.size().parameters(),
          point.size().bytes(),
          point.size().multiplyAdds(),
          point.refinement(),
          point.drop().measured(),
          point.drop().promised(),
          chosen.filter(point::equals).isPresent(),
          point.ranks().entrySet().stream()
              .map(entry -> entry.getKey().name() + "=" + entry.getValue())
              .collect(Collectors.joining(" ")),
          point.drop().samples());
    }
    return table.build();
  }
}
