package io.github.rankfold.cli.studies;

import io.github.rankfold.models.files.CsvTable;
import java.util.ArrayList;
import java.util.List;

/** A study's table while it grows: a row for every layer of every network that was looked at. */
final class LayerTable {
  private final int keys;
  private final List<LayerColumn> columns;
  private final CsvTable.Builder table;

  /**
   * @param keys columns that tell the networks apart: settings and seed
   * @param columns what is said of each layer, after the keys
   */
  LayerTable(List<String> keys, LayerColumn... columns) {
    this.keys = keys.size();
    this.columns = List.of(columns);
    List<String> names = new ArrayList<>(keys);
    this.columns.forEach(column -> names.add(column.text()));
    this.table = CsvTable.columns(names.toArray(String[]::new));
  }

  /** Adds the rows of a network under these values of the keys. */
  void add(TrainedNetwork network, Object... values) {
    if (values.length != keys) {
      throw new IllegalArgumentException(
          "expected %d values of the keys, found %d".formatted(keys, values.length));
    }
    for (NetworkLook.LayerLook layer : network.look().layers()) {
      List<Object> cells = new ArrayList<>(List.of(values));
      columns.forEach(column -> cells.add(column.of(network, layer)));
      table.row(cells.toArray());
    }
  }

  CsvTable build() {
    return table.build();
  }
}
