package io.github.rankfold.cli.studies;

import io.github.rankfold.cli.console.Progress;
import io.github.rankfold.cli.forecast.ForecastStage;
import io.github.rankfold.collapse.linalg.Precision;
import io.github.rankfold.collapse.linalg.Spectrum;
import io.github.rankfold.collapse.linalg.Svd;
import io.github.rankfold.collapse.probe.CollapseAnalysis;
import io.github.rankfold.collapse.rank.SpectrumForecast;
import io.github.rankfold.models.data.DataSplit;
import io.github.rankfold.models.data.LabeledData;
import io.github.rankfold.models.evaluation.Evaluation;
import io.github.rankfold.models.evaluation.Evaluator;
import io.github.rankfold.models.files.CsvTable;
import io.github.rankfold.models.files.OutputFolder;
import io.github.rankfold.models.live.LiveModel;
import io.github.rankfold.models.network.DenseLayer;
import io.github.rankfold.models.network.NetworkExport;
import io.github.rankfold.models.network.NetworkSpec;
import io.github.rankfold.models.network.NetworkWeights;
import io.github.rankfold.models.network.Penalties;
import io.github.rankfold.models.network.WeightArray;
import io.github.rankfold.training.EpochListener;
import io.github.rankfold.training.Trainer;
import io.github.rankfold.training.TrainingConfig;
import io.github.rankfold.training.TrainingRun;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The studies that train networks and look at what came out. */
final class TrainingStudies {
  private static final String NETWORK = "mlp:100x3:tanh";
  private static final Set<Integer> LOOKED_AT = Set.of(1, 2, 5, 10, 20, 40, 80, 160);

  private final DataSplit data;
  private final TrainingConfig config;
  private final Progress progress;
  private int done;

  TrainingStudies(DataSplit data, long seed, Progress progress) {
    this.data = data;
    this.progress = progress;
    this.config =
        TrainingConfig.defaults().withBatchSize(32).withEpochs(60).withSeed(seed).withL2(3e-3);
  }

  CsvTable lambda() {
    CsvTable.Builder table =
        CsvTable.columns("lambda", "layer", "rank_1e-2", "normalized_tcv", "test_accuracy");
    for (double lambda : new double[] {1e-5, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2}) {
      NetworkSpec spec = spec(NETWORK);
      TrainingRun run = train(spec, config.withL2(lambda));
      double accuracy = run.history().last().testAccuracy().orElse(Double.NaN);
      Look look = Look.at(spec, run.weights(), data.train());
      for (DenseLayer layer : spec.layers()) {
        table.row(lambda, layer.name(), look.rank(layer), look.normalizedTcv(layer), accuracy);
      }
    }
    return table.build();
  }

  CsvTable depth() {
    CsvTable.Builder table =
        CsvTable.columns("network", "position", "layer", "rank_1e-2", "normalized_tcv");
    for (int width : new int[] {50, 200}) {
      for (int depth : new int[] {1, 2, 4, 6}) {
        NetworkSpec spec = spec("mlp:%dx%d:tanh".formatted(width, depth));
        TrainingRun run = train(spec, config.withEpochs(40));
        Look look = Look.at(spec, run.weights(), data.train());
        int position = 0;
        for (DenseLayer layer : spec.layers()) {
          String network = "%dx%d".formatted(width, depth);
          table.row(network, position++, layer.name(), look.rank(layer), look.normalizedTcv(layer));
        }
      }
    }
    return table.build();
  }

  CsvTable time() {
    CsvTable.Builder table =
        CsvTable.columns("epoch", "layer", "rank_1e-2", "normalized_tcv", "accuracy");
    NetworkSpec spec = spec(NETWORK);
    Trainer.train(
        spec,
        data.train(),
        Optional.empty(),
        config.withEpochs(160),
        (summary, weights) -> {
          if (LOOKED_AT.contains(summary.epoch())) {
            progress.reached(++done);
            Look look = Look.at(spec, weights.get(), data.train());
            for (DenseLayer layer : spec.layers()) {
              table.row(
                  summary.epoch(),
                  layer.name(),
                  look.rank(layer),
                  look.normalizedTcv(layer),
                  summary.accuracy());
            }
          }
          return new EpochListener.Response.Continue();
        });
    return table.build();
  }

  CsvTable truncation() {
    CsvTable.Builder table = CsvTable.columns("rank", "split", "accuracy", "loss");
    NetworkSpec spec = spec(NETWORK);
    NetworkWeights weights = train(spec, config).weights();
    LabeledData test = data.test().orElse(data.train());
    for (int rank : new int[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 15, 20, 40, 64}) {
      Evaluated evaluated = Evaluated.of(spec, truncated(spec, weights, rank), data.train(), test);
      table.row(rank, "train", evaluated.train().accuracy().value(), evaluated.train().loss());
      table.row(rank, "test", evaluated.test().accuracy().value(), evaluated.test().loss());
      progress.reached(++done);
    }
    return table.build();
  }

  private static NetworkWeights truncated(NetworkSpec spec, NetworkWeights weights, int rank) {
    Map<String, WeightArray> arrays = new LinkedHashMap<>(weights.arrays());
    List<DenseLayer> hidden = spec.layers().subList(0, spec.layers().size() - 1);
    for (DenseLayer layer : hidden) {
      Svd svd = Svd.of(ForecastStage.kernel(weights, layer), Precision.FLOAT64);
      float[] cut = svd.truncated(Math.min(rank, svd.spectrum().size())).toFloats();
      arrays.put(layer.kernelName(), WeightArray.of(layer.kernelShape(), cut));
    }
    return NetworkWeights.of(arrays);
  }

  private NetworkSpec spec(String text) {
    return NetworkSpec.parse(text, data.train().featureWidth(), data.train().classes());
  }

  private TrainingRun train(NetworkSpec spec, TrainingConfig settings) {
    TrainingRun run = Trainer.train(spec, data.train(), data.test(), settings, EpochListener.NONE);
    progress.reached(++done);
    return run;
  }

  /** What an exported network is asked. */
  private interface Question<T> {
    T of(LiveModel model);
  }

  private static <T> T asked(NetworkSpec spec, NetworkWeights weights, Question<T> question) {
    try {
      Path scratch = Files.createTempDirectory("rankfold-study");
      // Never committed, so that closing it removes what was written.
      try (OutputFolder folder = OutputFolder.create(scratch, false)) {
        Path written = folder.staging().resolve("saved_model");
        NetworkExport.write(spec, weights, written);
        try (LiveModel model = LiveModel.open(written)) {
          return question.of(model);
        }
      } finally {
        Files.deleteIfExists(scratch);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private record Evaluated(Evaluation train, Evaluation test) {
    static Evaluated of(
        NetworkSpec spec, NetworkWeights weights, LabeledData train, LabeledData test) {
      return asked(
          spec,
          weights,
          model ->
              new Evaluated(Evaluator.evaluate(model, train), Evaluator.evaluate(model, test)));
    }
  }

  /** Spectra, and the variation at the input of each layer. */
  private record Look(Map<String, Spectrum> spectra, Map<String, Double> tcv) {
    static Look at(NetworkSpec spec, NetworkWeights weights, LabeledData data) {
      CollapseAnalysis analysis =
          asked(spec, weights, model -> CollapseAnalysis.of(model, data, Penalties.none()));
      Map<String, Double> tcv = new LinkedHashMap<>();
      analysis.layers().forEach(layer -> tcv.put(layer.layer(), layer.collapse().normalizedTcv()));
      return new Look(ForecastStage.spectra(spec, weights), tcv);
    }

    Optional<Integer> rank(DenseLayer layer) {
      return Optional.ofNullable(spectra.get(layer.name()))
          .map(spectrum -> spectrum.rank(SpectrumForecast.TOLERANCE));
    }

    Optional<Double> normalizedTcv(DenseLayer layer) {
      return Optional.ofNullable(tcv.get(layer.name()));
    }
  }
}
