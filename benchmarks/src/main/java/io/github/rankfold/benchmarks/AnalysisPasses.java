package io.github.rankfold.benchmarks;

import io.github.rankfold.collapse.probe.AnalysisOptions;
import io.github.rankfold.collapse.probe.CollapseAnalysis;
import io.github.rankfold.models.data.IdxFiles;
import io.github.rankfold.models.data.LabeledData;
import io.github.rankfold.models.files.OutputFolder;
import io.github.rankfold.models.live.InputBatch;
import io.github.rankfold.models.live.LiveModel;
import io.github.rankfold.models.network.NetworkExport;
import io.github.rankfold.models.network.NetworkSpec;
import io.github.rankfold.models.network.NetworkWeights;
import io.github.rankfold.models.network.Penalties;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.tensorflow.Result;

/**
 * What {@link CollapseAnalysis} of all layers costs, in units of a bare forward pass over the same
 * data: an MLP 784-512xH-10 on Fashion-MNIST.
 *
 * <p>A bare pass feeds the data in batches and fetches the logits, nothing else. Each round takes
 * one bare pass, one analysis without certificates and one with them (by the labels: other
 * partitions are extra), turn by turn. Arguments: {@code --data FOLDER}, {@code --rounds N}, {@code
 * --batch B} of the bare pass, {@code --hidden H} (3) layers of {@code --width M} (512), {@code
 * --kept-mib MIB} of features kept between the passes.
 */
public final class AnalysisPasses {
  private AnalysisPasses() {}

  public static void main(String[] args) throws IOException {
    Options options = Options.of(args);
    LabeledData data =
        IdxFiles.load(Path.of(options.text("--data", "/usr/share/datasets/fashion-mnist"))).train();
    int batch = options.number("--batch", 1000);
    Path folder = Files.createTempDirectory("rankfold-analysis-passes");
    int hidden = options.number("--hidden", 3);
    int[] widths = new int[hidden + 1];
    Arrays.fill(widths, options.number("--width", 512));
    widths[hidden] = data.classes();
    NetworkSpec spec = NetworkSpec.mlp(data.featureWidth(), widths);
    NetworkExport.write(spec, NetworkWeights.initial(spec, 1), folder.resolve("saved_model"));
    AnalysisOptions asked = asked(options);
    Timings forward = new Timings();
    Timings metrics = new Timings();
    Timings certificates = new Timings();
    try (LiveModel model = LiveModel.open(folder.resolve("saved_model"))) {
      for (int round = -1; round < options.number("--rounds", 5); round++) {
        List<Timings> into =
            round < 0
                ? List.of(new Timings(), new Timings(), new Timings()) // warms up
                : List.of(forward, metrics, certificates);
        into.get(0).time(() -> forward(model, data, batch));
        into.get(1).time(() -> analyze(model, data, Penalties.none(), asked));
        into.get(2).time(() -> analyze(model, data, Penalties.everywhere(1e-3), asked));
      }
    } finally {
      OutputFolder.remove(folder);
    }
    System.out.printf("load average %s%n", Timings.load());
    print("bare forward pass", forward, forward);
    print("metrics of all layers", metrics, forward);
    print("metrics and certificates", certificates, forward);
  }

  private static AnalysisOptions asked(Options options) {
    AnalysisOptions usual = AnalysisOptions.labelsOnly();
    return options.has("--kept-mib")
        ? new AnalysisOptions(
            usual.clusters(),
            usual.clustersPerClass(),
            usual.featureRanks(),
            usual.seed(),
            (long) options.number("--kept-mib", 0) << 20)
        : usual;
  }

  private static void analyze(
      LiveModel model, LabeledData data, Penalties penalties, AnalysisOptions options) {
    CollapseAnalysis.of(model, data, penalties, options, share -> {});
  }

  private static void print(String what, Timings timings, Timings forward) {
    System.out.printf(
        "%-26s %7.3f s   %5.2f forward passes   %7.3f s of processor time   %5.2f%n",
        what,
        timings.seconds(),
        timings.perRound(forward),
        timings.processorSeconds(),
        timings.processorSeconds() / forward.processorSeconds());
  }

  private static void forward(LiveModel model, LabeledData data, int batch) {
    for (int from = 0; from < data.size(); from += batch) {
      try (InputBatch input = model.inputOf(data, from, Math.min(from + batch, data.size()));
          Result result = model.feeding(input).fetch(model.tensor(model.logits())).run()) {
        if (result.size() != 1) {
          throw new IllegalStateException("expected the logits, found " + result.size());
        }
      }
    }
  }
}
