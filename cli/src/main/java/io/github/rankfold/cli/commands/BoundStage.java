package io.github.rankfold.cli.commands;

import io.github.rankfold.cli.console.Console;
import io.github.rankfold.cli.console.TextTable;
import io.github.rankfold.compression.CompressionPlan;
import io.github.rankfold.compression.bounds.NetworkPath;
import io.github.rankfold.compression.bounds.OutputBound;
import io.github.rankfold.compression.bounds.OutputCertificate;
import io.github.rankfold.models.data.LabeledData;
import io.github.rankfold.models.data.SampleArray;
import io.github.rankfold.models.files.CsvTable;
import io.github.rankfold.models.live.LiveModel;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import org.tensorflow.proto.DataType;

/** Bounds what truncation does to the output, beside what it does; shared by commands. */
final class BoundStage {
  /** The file of bounds, and the one of what each layer contributes where there is a bound. */
  private final CsvTable table;

  private final Optional<OutputCertificate> onData;

  private BoundStage(CsvTable table, Optional<OutputCertificate> onData) {
    this.table = table;
    this.onData = onData;
  }

  /**
   * Bounds the samples, inputs within the radius of them where it is not 0, and all inputs as large
   * as the largest sample.
   */
  static BoundStage of(
      LiveModel model,
      NetworkPath path,
      CompressionPlan plan,
      LiveModel compressed,
      LabeledData data,
      double radius) {
    String name = "compressed";
    if (path.unknown().isPresent()) {
      return new BoundStage(OutputCertificate.none(name, path.unknown().get()), Optional.empty());
    }
    OutputBound bound = OutputBound.of(model, path, plan);
    CsvTable.Builder table = OutputCertificate.columns();
    OutputCertificate onData = bound.onData(data, 0, Optional.of(compressed));
    onData.addTo(table, name);
    if (radius > 0) {
      bound.onData(data, radius, Optional.of(compressed)).addTo(table, name);
    }
    if (model.tensor(model.input()).dataType() != DataType.DT_UINT8) {
      bound.everyInput(largestNorm(data, model.arrayOfInput(data))).addTo(table, name);
    }
    return new BoundStage(table.build(), Optional.of(onData));
  }

  private static double largestNorm(LabeledData data, SampleArray array) {
    float[] sample = new float[data.featureWidth()];
    double largest = 0;
    for (int i = 0; i < data.size(); i++) {
      data.copyFeatures(i, i + 1, FloatBuffer.wrap(sample));
      double squares = 0;
      for (int j = array.from(); j < array.from() + array.width(); j++) {
        squares += (double) sample[j] * sample[j];
      }
      largest = Math.max(largest, squares);
    }
    return Math.sqrt(largest);
  }

  void write(Path folder) throws IOException {
    table.write(folder.resolve(OutputCertificate.FILE));
    if (onData.isPresent()) {
      onData.get().layersTable().write(folder.resolve(OutputCertificate.LAYERS_FILE));
    }
  }

  CsvTable table() {
    return table;
  }

  void tell(Console console) {
    if (onData.isEmpty()) {
      console.say("%nNo bound on the output: %s".formatted(table.cell(0, "unknown_operation")));
      return;
    }
    OutputCertificate certificate = onData.get();
    console.say(
        String.format(
            Locale.ROOT,
            "%nPredictions certified unchanged: %.1f%% of %,d; found unchanged: %.1f%%.%n"
                + "Logits move by at most %s, %s times what was measured in the median.%n",
            100 * certificate.certifiedShare(),
            certificate.samples().size(),
            100 * certificate.unchangedShare().orElse(0),
            TextTable.number(certificate.largestBound()),
            certificate.medianRatio().isPresent()
                ? TextTable.number(certificate.medianRatio().getAsDouble())
                : "?"));
    TextTable shown =
        TextTable.headed("layer", "kernel's change", "on the data", "rest", "contribution");
    for (OutputCertificate.LayerBound layer : certificate.layers()) {
      shown.row(
          layer.layer(),
          TextTable.number(layer.changeNorm()),
          TextTable.number(layer.added()),
          TextTable.number(layer.rest()),
          TextTable.number(layer.contribution()));
    }
    console.say(shown.text());
    console.note(
        "%nkernel's change: the operator norm of W' - W; on the data: the mean of ||z (W' - W)||; rest:%n"
                .formatted()
            + "how much what follows can stretch that; contribution: what the layer adds to the bound.");
  }
}
