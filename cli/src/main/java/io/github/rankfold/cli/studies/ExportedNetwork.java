package io.github.rankfold.cli.studies;

import io.github.rankfold.models.Device;
import io.github.rankfold.models.files.OutputFolder;
import io.github.rankfold.models.live.LiveModel;
import io.github.rankfold.models.live.ModelOptions;
import io.github.rankfold.models.network.NetworkExport;
import io.github.rankfold.models.network.NetworkSpec;
import io.github.rankfold.models.network.NetworkWeights;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Function;

/** A network as the SavedModel that everything else of Rankfold takes. */
final class ExportedNetwork {
  /** As studies train: where the same weights give the same numbers again. */
  private static final ModelOptions ON_PROCESSOR = ModelOptions.defaults().withDevice(Device.CPU);

  private ExportedNetwork() {}

  /** Writes the network, asks the loaded model, and removes what was written. */
  static <T> T asked(NetworkSpec spec, NetworkWeights weights, Function<LiveModel, T> question) {
    try {
      Path scratch = Files.createTempDirectory("rankfold-study");
      // Never committed, so that closing it removes what was written.
      try (OutputFolder folder = OutputFolder.create(scratch, false)) {
        Path written = folder.staging().resolve("saved_model");
        NetworkExport.write(spec, weights, written);
        try (LiveModel model = LiveModel.open(written, ON_PROCESSOR)) {
          return question.apply(model);
        }
      } finally {
        Files.deleteIfExists(scratch);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
