package io.github.rankfold.cli.commands;

import io.github.rankfold.cli.console.TextTable;
import io.github.rankfold.collapse.linalg.Spectrum;
import io.github.rankfold.collapse.probe.KernelSpectra;
import io.github.rankfold.models.layers.Layer;
import io.github.rankfold.models.live.ModelSize;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * What low rank would save, at a few ranks that fit a terminal; {@code ranks.csv} has all of them.
 *
 * @param spectra of all layers
 * @param shared the layers that stay whole at any rank
 * @param size of the model as it is
 */
record RankGrid(KernelSpectra spectra, Set<Layer> shared, ModelSize size) {

  /** Under the tables. */
  static final String ABOUT =
      """
      Two factors of that share of the full rank instead of a kernel, where they are
      smaller. kept: the sum of squared singular values up to that rank, by that of
      all; multiply-adds: of one input, in a loop of one step. compress --interpolative
      takes another r^2 parameters from factors of rank r.
      """;

  private static final int[] PARTS = {2, 4, 8};

  /** More layers than these would fill several screens. */
  private static final int MOST_LAYERS = 20;

  boolean fits() {
    return spectra.byLayer().size() <= MOST_LAYERS;
  }

  /** The whole model, with every layer at the same share of its full rank. */
  String model() {
    TextTable table =
        TextTable.headed("every layer at", "factored", "parameters", "multiply-adds", "weights");
    row(table, "full rank", 1);
    for (int part : PARTS) {
      row(table, "1/" + part, part);
    }
    return table.text();
  }

  private void row(TextTable table, String name, int part) {
    long factored = 0;
    long parameters = size.parameters();
    long bytes = size.bytes();
    long multiplyAdds = 0;
    for (Layer layer : spectra.byLayer().keySet()) {
      int rank = rank(layer, part);
      boolean smaller = part > 1 && rank <= layer.breakEvenRank() && !shared.contains(layer);
      if (smaller) {
        long saved = layer.parameters() - layer.parametersAtRank(rank);
        factored++;
        parameters -= saved;
        bytes -= saved * ModelSize.widthOf(layer.dtype());
      }
      multiplyAdds += smaller ? layer.multiplyAddsAtRank(rank) : layer.multiplyAdds();
    }
    table.row(
        name,
        grouped(factored),
        grouped(parameters),
        grouped(multiplyAdds),
        ForReading.bytes(bytes));
  }

  /** Each layer at each share. */
  String layers() {
    TextTable table =
        TextTable.headed("layer", "rank", "parameters", "multiply-adds", "bytes", "kept");
    for (Map.Entry<Layer, Spectrum> entry : spectra.byLayer().entrySet()) {
      Layer layer = entry.getKey();
      String name = layer.name();
      int above = Integer.MAX_VALUE;
      for (int part : PARTS) {
        int rank = rank(layer, part);
        if (rank < above && rank <= layer.breakEvenRank() && !shared.contains(layer)) {
          table.row(
              name,
              grouped(rank),
              grouped(layer.parametersAtRank(rank)),
              grouped(layer.multiplyAddsAtRank(rank)),
              grouped(layer.parametersAtRank(rank) * ModelSize.widthOf(layer.dtype())),
              String.format(Locale.ROOT, "%.1f%%", 100 * entry.getValue().keptEnergy(rank)));
          above = rank;
        }
      }
    }
    return table.isEmpty() ? "No layer has two smaller factors." : table.text();
  }

  /** As the rule {@code fraction} rounds it. */
  private static int rank(Layer layer, int part) {
    return Math.max(1, (layer.fullRank() + part - 1) / part);
  }

  private static String grouped(long number) {
    return String.format(Locale.ROOT, "%,d", number);
  }
}
