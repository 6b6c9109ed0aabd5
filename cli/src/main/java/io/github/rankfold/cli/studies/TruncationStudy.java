package io.github.rankfold.cli.studies;

import static io.github.rankfold.cli.studies.Wording.number;
import static io.github.rankfold.cli.studies.Wording.percent;
import static io.github.rankfold.cli.studies.Wording.points;

import io.github.rankfold.cli.console.Progress;
import io.github.rankfold.cli.forecast.ForecastStage;
import io.github.rankfold.collapse.linalg.Precision;
import io.github.rankfold.collapse.linalg.Svd;
import io.github.rankfold.models.data.DataSplit;
import io.github.rankfold.models.data.LabeledData;
import io.github.rankfold.models.evaluation.Evaluation;
import io.github.rankfold.models.evaluation.Evaluator;
import io.github.rankfold.models.files.CsvTable;
import io.github.rankfold.models.network.DenseLayer;
import io.github.rankfold.models.network.NetworkSpec;
import io.github.rankfold.models.network.NetworkWeights;
import io.github.rankfold.models.network.WeightArray;
import io.github.rankfold.training.Trainer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * Every hidden kernel cut to a rank, and what is left of the accuracy: of networks trained on true
 * labels and on partly false ones, with little and with more penalty.
 *
 * <p>Held-out samples are halved, so that a rank can be chosen on one half and judged on the other:
 * the best of many ranks always looks good where it was chosen.
 */
final class TruncationStudy implements Study {
  private static final String ALL = "every hidden kernel";
  private static final String CHOICE = "choice";
  private static final String JUDGED = "judged";

  private final DataSplit data;
  private final String network;
  private final List<Double> lambdas;
  private final List<Double> falseShares;
  private final List<Integer> ranks;
  private final StudySettings settings;

  TruncationStudy(DataSplit data, long seed) {
    this(
        data,
        "mlp:100x3:tanh",
        List.of(1e-5, 1e-3),
        List.of(0.0, 0.4),
        List.of(1, 2, 3, 4, 5, 6, 8, 9, 10, 12, 16, 24, 40, 64, 100),
        StudySettings.of(seed, 3, 60, 0));
  }

  /**
   * @param falseShares of the training labels that are drawn anew from all classes
   * @param ranks that hidden kernels are cut to; the last one must be the full rank
   */
  TruncationStudy(
      DataSplit data,
      String network,
      List<Double> lambdas,
      List<Double> falseShares,
      List<Integer> ranks,
      StudySettings settings) {
    this.data = data;
    this.network = network;
    this.lambdas = List.copyOf(lambdas);
    this.falseShares = List.copyOf(falseShares);
    this.ranks = List.copyOf(ranks);
    this.settings = settings;
  }

  @Override
  public String title() {
    return "Accuracy after small singular values are removed";
  }

  @Override
  public String expectation() {
    return "Hidden kernels of a collapsed network can be cut to the number of classes, or one less,"
        + " at no loss of accuracy. Sometimes accuracy improves, as what is removed had learned"
        + " single samples rather than classes.";
  }

  @Override
  public String recipe() {
    return "%s, lambda %s, a share of %s of the training labels drawn anew, every hidden kernel cut"
            .formatted(network, Wording.list(" and ", lambdas), Wording.list(" and ", falseShares))
        + " to the same rank by its SVD, or one of them, no fine-tuning, %s."
            .formatted(settings.text());
  }

  @Override
  public int steps() {
    return lambdas.size()
        * falseShares.size()
        * settings.seeds().size()
        * cuts(TrainedNetwork.spec(network, data)).size()
        * ranks.size();
  }

  @Override
  public CsvTable run(Progress progress) {
    CsvTable.Builder table =
        CsvTable.columns(
            "false_labels",
            "lambda",
            "seed",
            "cut",
            "rank",
            "split",
            "samples",
            "accuracy",
            "loss");
    NetworkSpec spec = TrainedNetwork.spec(network, data);
    LabeledData heldOut = data.test().orElseThrow();
    LabeledData choice = heldOut.select(everySecond(heldOut.size(), 0));
    LabeledData judged = heldOut.select(everySecond(heldOut.size(), 1));
    int done = 0;
    for (double share : falseShares) {
      for (double lambda : lambdas) {
        for (long seed : settings.seeds()) {
          LabeledData train = withFalseLabels(data.train(), share, seed);
          NetworkWeights weights =
              Trainer.train(spec, train, settings.training(lambda, seed)).weights();
          Map<String, Svd> svds = svds(spec, weights);
          for (String cut : cuts(spec)) {
            for (int rank : ranks) {
              ExportedNetwork.asked(
                  spec,
                  truncated(spec, weights, svds, cut, rank),
                  model -> {
                    for (Map.Entry<String, LabeledData> split :
                        splits(train, choice, judged).entrySet()) {
                      Evaluation found = Evaluator.evaluate(model, split.getValue());
                      table.row(
                          share,
                          lambda,
                          seed,
                          cut,
                          rank,
                          split.getKey(),
                          found.accuracy().samples(),
                          found.accuracy().value(),
                          found.loss());
                    }
                    return rank;
                  });
              progress.reached(++done);
            }
          }
        }
      }
    }
    return table.build();
  }

  private static Map<String, LabeledData> splits(
      LabeledData train, LabeledData choice, LabeledData judged) {
    Map<String, LabeledData> splits = new LinkedHashMap<>();
    splits.put("train", train);
    splits.put(CHOICE, choice);
    splits.put(JUDGED, judged);
    return splits;
  }

  /** What is cut: every hidden kernel to the same rank, or one of them. */
  private static List<String> cuts(NetworkSpec spec) {
    List<String> cuts = new ArrayList<>(List.of(ALL));
    hidden(spec).forEach(layer -> cuts.add(layer.name()));
    return cuts;
  }

  private static int[] everySecond(int samples, int from) {
    return IntStream.range(0, samples).filter(i -> i % 2 == from).toArray();
  }

  /** A share of the samples, drawn by the seed, gets labels drawn from all classes alike. */
  private static LabeledData withFalseLabels(LabeledData data, double share, long seed) {
    if (share == 0) {
      return data;
    }
    SplittableRandom random = new SplittableRandom(seed);
    int[] labels = new int[data.size()];
    for (int i = 0; i < labels.length; i++) {
      labels[i] = random.nextDouble() < share ? random.nextInt(data.classes()) : data.label(i);
    }
    return new LabeledData(
        data.name(), data.features(), data.featureShape(), labels, data.classNames());
  }

  private static List<DenseLayer> hidden(NetworkSpec spec) {
    return spec.layers().subList(0, spec.layers().size() - 1);
  }

  private static Map<String, Svd> svds(NetworkSpec spec, NetworkWeights weights) {
    Map<String, Svd> svds = new LinkedHashMap<>();
    for (DenseLayer layer : hidden(spec)) {
      svds.put(layer.kernelName(), Svd.of(ForecastStage.kernel(weights, layer), Precision.FLOAT64));
    }
    return svds;
  }

  private static NetworkWeights truncated(
      NetworkSpec spec, NetworkWeights weights, Map<String, Svd> svds, String which, int rank) {
    NetworkWeights cut = weights;
    for (DenseLayer layer : hidden(spec)) {
      Svd svd = svds.get(layer.kernelName());
      boolean included = which.equals(ALL) || which.equals(layer.name());
      if (svd != null && included && rank < svd.spectrum().size()) {
        float[] values = svd.truncated(rank).toFloats();
        cut = cut.with(layer.kernelName(), WeightArray.of(layer.kernelShape(), values));
      }
    }
    return cut;
  }

  @Override
  public List<String> seen(CsvTable table) {
    List<String> seen = new ArrayList<>();
    StudyRows all = StudyRows.of(table);
    List<Double> gains = new ArrayList<>();
    for (String share : all.distinct("false_labels")) {
      for (String lambda : all.distinct("lambda")) {
        StudyRows of = all.where("false_labels", share).where("lambda", lambda);
        List<String> cuts = new ArrayList<>();
        for (String cut : of.distinct("cut")) {
          StudyRows rows = of.where("cut", cut);
          List<Choice> choices = choices(rows);
          choices.forEach(choice -> gains.add(choice.gain()));
          cuts.add("%s: %s".formatted(cut, outcome(rows, choices)));
        }
        seen.add(
            "%s false labels, lambda %s: with all ranks %s of the judged samples are right. %s."
                .formatted(
                    percent(Double.parseDouble(share)),
                    number(lambda),
                    percent(atFullRank(of.where("split", JUDGED)).median("accuracy")),
                    String.join(". ", cuts)));
      }
    }
    seen.add(
        "Taken together, a rank that was chosen on one half changes the accuracy on the other by %s"
                .formatted(points(gains.stream().mapToDouble(gain -> gain).average().orElse(0)))
            + " on average: better in %d of %d cases, worse in %d, by %s at best and %s at worst."
                .formatted(
                    gains.stream().filter(gain -> gain > 0).count(),
                    gains.size(),
                    gains.stream().filter(gain -> gain < 0).count(),
                    points(gains.stream().mapToDouble(gain -> gain).max().orElse(0)),
                    points(gains.stream().mapToDouble(gain -> gain).min().orElse(0))));
    return seen;
  }

  private static StudyRows atFullRank(StudyRows rows) {
    List<String> ranks = rows.distinct("rank");
    return rows.where("rank", ranks.get(ranks.size() - 1));
  }

  /**
   * The rank of the best accuracy on one half, the smallest of equally good ones.
   *
   * @param gain of accuracy on the other half, against the full rank
   */
  private record Choice(String rank, double gain) {}

  private static List<Choice> choices(StudyRows rows) {
    List<Choice> choices = new ArrayList<>();
    for (String seed : rows.distinct("seed")) {
      StudyRows candidates = rows.where("split", CHOICE).where("seed", seed);
      String best = candidates.distinct("rank").get(0);
      for (String rank : candidates.distinct("rank")) {
        boolean better =
            candidates.where("rank", rank).median("accuracy")
                > candidates.where("rank", best).median("accuracy");
        best = better ? rank : best;
      }
      StudyRows judged = rows.where("split", JUDGED).where("seed", seed);
      choices.add(
          new Choice(
              best,
              judged.where("rank", best).median("accuracy")
                  - atFullRank(judged).median("accuracy")));
    }
    return choices;
  }

  private static String outcome(StudyRows rows, List<Choice> choices) {
    StudyRows judged = rows.where("split", JUDGED);
    double full = atFullRank(judged).median("accuracy");
    String held =
        judged.distinct("rank").stream()
            .filter(rank -> judged.where("rank", rank).median("accuracy") >= full - 0.01)
            .findFirst()
            .orElseThrow();
    return "rank %s is the least within a point of it; the best ranks on the other half, %s by seed,"
            .formatted(held, String.join(", ", choices.stream().map(Choice::rank).toList()))
        + " change it by %s"
            .formatted(
                String.join(", ", choices.stream().map(choice -> points(choice.gain())).toList()));
  }

  @Override
  public List<StudyPlot> plots(CsvTable table) {
    List<StudyPlot.Curve> curves = new ArrayList<>();
    StudyRows all = StudyRows.of(table).whereNot("split", "train");
    for (String share : all.distinct("false_labels")) {
      for (String lambda : all.distinct("lambda")) {
        curves.add(
            StudyPlot.Curve.of(
                "%s false, %s".formatted(percent(Double.parseDouble(share)), number(lambda)),
                all.where("cut", ALL).where("false_labels", share).where("lambda", lambda),
                "rank",
                "accuracy"));
      }
    }
    return List.of(
        new StudyPlot(
            "accuracy",
            "Held-out accuracy, every hidden kernel cut; by false labels and lambda",
            StudyPlot.Axis.logarithmic("rank that hidden kernels are cut to"),
            StudyPlot.Axis.linear("accuracy"),
            curves));
  }
}
