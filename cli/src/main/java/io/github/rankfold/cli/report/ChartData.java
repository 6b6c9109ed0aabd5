package io.github.rankfold.cli.report;

import io.github.rankfold.models.files.Json;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * What the scripts of the page draw, as one JSON block.
 *
 * <p>Only numbers and names: whatever is to be read as words is in the page already. A part without
 * a file is absent.
 */
final class ChartData {
  private final ReportInputs inputs;

  private ChartData(ReportInputs inputs) {
    this.inputs = inputs;
  }

  /**
   * The JSON, safe inside {@code <script type="application/json">}: every {@code <} is written as
   * its escape, so that neither {@code </script>} nor {@code <!--} in a layer's name ends the
   * block.
   */
  static Markup of(ReportInputs inputs, LayerSpectra spectra, RunFacts facts) {
    ChartData data = new ChartData(inputs);
    Map<String, Object> root = new LinkedHashMap<>();
    facts.classes().ifPresent(classes -> root.put("classes", classes));
    if (!spectra.byLayer().isEmpty()) {
      root.put("spectra", data.spectra(spectra));
    }
    inputs
        .table(ReportTable.CERTIFICATES)
        .ifPresent(table -> root.put("certificates", certificates(table)));
    inputs.table(ReportTable.COLLAPSE).ifPresent(table -> root.put("collapse", collapse(table)));
    inputs
        .table(ReportTable.HISTORY)
        .ifPresent(table -> root.put("history", columns(table, ReportTable.HISTORY)));
    inputs.table(ReportTable.SEARCH).ifPresent(table -> root.put("search", search(table)));
    return new Markup(Json.text(root).replace("<", "\\u003c"));
  }

  private List<Map<String, Object>> spectra(LayerSpectra spectra) {
    List<Map<String, Object>> layers = new ArrayList<>();
    spectra
        .byLayer()
        .forEach(
            (name, values) -> {
              Map<String, Object> layer = new LinkedHashMap<>();
              layer.put("layer", name);
              number(ReportTable.COMPRESSION, name, "rank")
                  .ifPresent(rank -> layer.put("rank", rank));
              number(ReportTable.LAYERS, name, "rows").ifPresent(rows -> layer.put("rows", rows));
              number(ReportTable.LAYERS, name, "cols").ifPresent(cols -> layer.put("cols", cols));
              // Kernels are float32; the shorter digits keep the page of a large net small.
              layer.put("values", values.stream().map(Double::floatValue).toList());
              layers.add(layer);
            });
    return layers;
  }

  private OptionalDouble number(ReportTable kind, String layer, String column) {
    return inputs
        .table(kind)
        .flatMap(table -> table.rowWhere("layer", layer).map(row -> table.number(row, column)))
        .orElse(OptionalDouble.empty());
  }

  private static Map<String, Object> certificates(CheckedTable table) {
    Map<String, Object> columns = columns(table, ReportTable.CERTIFICATES);
    List<String> partitions = new ArrayList<>();
    List<String> layers = new ArrayList<>();
    for (int row = 0; row < table.size(); row++) {
      partitions.add(CertificateRows.partition(table, row));
      layers.add(table.text(row, "layer"));
    }
    columns.put("layer", layers);
    columns.put("partition", partitions);
    List<Integer> main = CertificateRows.ofMainPartition(table);
    if (!main.isEmpty()) {
      columns.put("main", partitions.get(main.get(0)));
    }
    return columns;
  }

  private static Map<String, Object> collapse(CheckedTable table) {
    List<Integer> rows = CollapseSection.rowsOverDepth(table);
    Map<String, Object> columns = columns(table, ReportTable.COLLAPSE, rows);
    List<String> layers = new ArrayList<>();
    for (int row : rows) {
      layers.add(table.text(row, "layer"));
    }
    columns.put("layer", layers);
    return columns;
  }

  private static Map<String, Object> search(CheckedTable table) {
    Map<String, Object> columns = columns(table, ReportTable.SEARCH);
    List<String> refinements = new ArrayList<>();
    List<Boolean> chosen = new ArrayList<>();
    for (int row = 0; row < table.size(); row++) {
      refinements.add(table.text(row, "refinement"));
      chosen.add(Boolean.parseBoolean(table.text(row, "chosen")));
    }
    columns.put("refinement", refinements);
    columns.put("chosen", chosen);
    return columns;
  }

  private static Map<String, Object> columns(CheckedTable table, ReportTable kind) {
    return columns(table, kind, IntStream.range(0, table.size()).boxed().toList());
  }

  private static Map<String, Object> columns(
      CheckedTable table, ReportTable kind, List<Integer> rows) {
    Map<String, Object> columns = new LinkedHashMap<>();
    for (String column : kind.numberColumns()) {
      List<@Nullable Double> values = new ArrayList<>();
      for (int row : rows) {
        OptionalDouble value = table.number(row, column);
        values.add(value.isPresent() ? (Double) value.getAsDouble() : null);
      }
      columns.put(column, values);
    }
    return columns;
  }
}
