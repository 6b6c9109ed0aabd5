package io.github.rankfold.cli.studies;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.rankfold.cli.console.Console;
import io.github.rankfold.models.data.DataSplit;
import io.github.rankfold.models.data.Digits;
import io.github.rankfold.models.files.CsvTable;
import io.github.rankfold.models.files.WrittenNames;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every study in small: its table, the same for a seed again, and what must hold in it. */
class StudiesTest {
  private static final StudySettings ONE_SEED = StudySettings.of(5, 1, 8, 0);

  private static final Map<Small, CsvTable> TABLES = new EnumMap<>(Small.class);

  private static DataSplit digits = new DataSplit(Digits.load().train(), Optional.empty());

  @TempDir
  @SuppressWarnings("NullAway.Init") // JUnit sets it
  Path folder;

  @BeforeAll
  static void fewDigits() {
    DataSplit all = Digits.load();
    digits = new DataSplit(all.train().head(400), Optional.of(all.test().orElseThrow().head(120)));
  }

  private enum Small {
    LAMBDA(
        "lambda,seed,layer,classes,rank_1e-2,distance_to_rank_k,relative_distance,tcv,"
            + "normalized_tcv,exact_bound,two_sided_bound,gradient_norm,accuracy,test_accuracy",
        2 * 3) {
      @Override
      Study study() {
        return new LambdaStudy(
            digits, "mlp:16x2:tanh", List.of(1e-4, 3e-2), StudySettings.of(5, 1, 20, 60));
      }
    },
    DEPTH(
        "width,depth,seed,position,layer,rank_1e-2,relative_distance,normalized_tcv,accuracy,"
            + "test_accuracy",
        2 + 3 + 3) {
      @Override
      Study study() {
        return new DepthStudy(digits, 1e-3, List.of(1, 2), 12, List.of(8, 12), 2, ONE_SEED);
      }
    },
    TIME(
        "lambda,seed,epoch,layer,rank_1e-2,relative_distance,normalized_tcv,accuracy,test_accuracy",
        2 * 3 * 2) {
      @Override
      Study study() {
        return new TimeStudy(digits, "mlp:12:tanh", List.of(0.0, 1e-2), List.of(2, 8), ONE_SEED);
      }
    },
    RESIDUAL(
        "network,lambda,seed,position,layer,rank_1e-2,distance_to_rank_k,relative_distance,"
            + "normalized_tcv,two_sided_bound,gradient_norm,accuracy,test_accuracy",
        2 * 3) {
      @Override
      Study study() {
        return new ResidualStudy(digits, "64x2:tanh", List.of(1e-2), ONE_SEED);
      }
    },
    TRUNCATION("false_labels,lambda,seed,cut,rank,split,samples,accuracy,loss", 2 * 3 * 2 * 3) {
      @Override
      Study study() {
        return new TruncationStudy(
            digits, "mlp:16x2:tanh", List.of(1e-3), List.of(0.0, 0.5), List.of(1, 16), ONE_SEED);
      }
    },
    BARRIER(
        "seed,path,position,objective,loss,accuracy,normalized_tcv,rank_1e-2,steps,rising_steps,"
            + "largest_rise,gradient_norm",
        -1) {
      @Override
      Study study() {
        return new BarrierStudy(
            digits, "mlp:8x2:tanh", 1e-2, 0.05, 200, 6, StudySettings.of(5, 1, 30, 0));
      }
    },
    PARALLEL(
        "seed,path,position,objective,loss,accuracy,normalized_tcv,rank_1e-2,corner,is_right,"
            + "first_margin,second_margin",
        3 * (2 * 5 + 1)) {
      @Override
      Study study() {
        return new ParallelStudy(digits, 16, 2, 3e-3, 5, StudySettings.of(5, 1, 40, 100));
      }
    };

    private final String columns;
    private final int rows;

    Small(String columns, int rows) {
      this.columns = columns;
      this.rows = rows;
    }

    abstract Study study();

    /** Of one run for all tests. */
    CsvTable table() {
      return TABLES.computeIfAbsent(this, Small::run);
    }

    CsvTable run() {
      PrintWriter nowhere = new PrintWriter(Writer.nullWriter());
      Console console = new Console(nowhere, nowhere, false, true);
      Study study = study();
      try (var progress = console.progress("study", study.steps())) {
        return study.run(progress);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Small.class)
  void aSeedGivesTheSameTableAgainAndThePageSaysItAll(Small small) throws IOException {
    CsvTable table = small.table();
    assertEquals(small.columns, String.join(",", table.columns()));
    if (small.rows >= 0) {
      assertEquals(small.rows, table.rows().size());
    }
    assertEquals(table.rows(), small.run().rows(), "the same seed, one thread");

    Study study = small.study();
    String name = small.name().toLowerCase(Locale.ROOT);
    new StudyPage(name, study, table).write(folder);
    // Words and plots come from the table alone: of the file they are the same.
    CsvTable read = CsvTable.read(folder.resolve(name + ".csv"));
    assertEquals(study.seen(table), study.seen(read));
    String page = Files.readString(folder.resolve(name + ".md"));
    for (String sentence : study.seen(table)) {
      assertTrue(page.contains("- " + sentence + "\n"), sentence);
      assertFalse(sentence.contains("NaN") || sentence.contains("undefined"), sentence);
    }
    for (StudyPlot plot : study.plots(table)) {
      String file = "%s-%s.svg".formatted(name, plot.name());
      assertTrue(page.contains("(%s)".formatted(file)), page);
      assertTrue(Files.readString(folder.resolve(file)).endsWith("</svg>\n"), file);
    }
    try (Stream<Path> files = Files.list(folder)) {
      assertEquals(2 + study.plots(table).size(), files.count());
    }
    assertEquals(Optional.empty(), WrittenNames.foreignIn(folder), "can be overwritten");
  }

  @Test
  void boundsHoldAndAPenaltyThreeHundredTimesAsLargeLowersTheRanks() {
    StudyRows all = StudyRows.of(Small.LAMBDA.table());
    for (int row : all.whereNot("layer", "classifier").rows()) {
      double distance = number(all, row, "distance_to_rank_k");
      double twoSided = number(all, row, "two_sided_bound");
      // The bound is a theorem; float32 gradients divided by lambda leave a rounding of 1e-3.
      assertTrue(distance <= twoSided * (1 + 1e-3) + 1e-3, "row " + row);
      assertTrue(twoSided <= number(all, row, "exact_bound") * (1 + 1e-6) + 1e-9, "row " + row);
    }
    for (String layer : List.of("dense_1", "dense_2")) {
      StudyRows of = all.where("layer", layer);
      double little = of.where("lambda", 1e-4).median("rank_1e-2");
      double much = of.where("lambda", 3e-2).median("rank_1e-2");
      assertTrue(much < little, "%s: rank %s, then %s".formatted(layer, little, much));
    }
  }

  @Test
  void theObjectiveNeverRisesAlongTheFollowedPathAndLinesShareItsEnds() {
    StudyRows all = StudyRows.of(Small.BARRIER.table());
    StudyRows followed = all.where("path", "followed");
    double[] objectives = followed.numbers("objective");
    for (int i = 1; i < objectives.length; i++) {
      assertTrue(objectives[i] <= objectives[i - 1] * (1 + 1e-6), "point " + i);
    }
    assertEquals(0, followed.median("rising_steps"));
    assertEquals(0, followed.median("largest_rise"));
    assertTrue(objectives.length >= 6, "points " + objectives.length);
    double[] positions = followed.numbers("position");
    assertEquals(0, positions[0]);
    assertEquals(1, positions[positions.length - 1]);
    double[] line = all.where("path", "line to its end").numbers("objective");
    assertEquals(objectives[0], line[0], 1e-6);
    assertEquals(objectives[objectives.length - 1], line[line.length - 1], 1e-6);
    assertTrue(objectives[objectives.length - 1] < objectives[0]);
  }

  @Test
  void aBuiltPathThatIsProvenFallsWhereTheStraightLineClimbs() {
    StudyRows all = StudyRows.of(Small.PARALLEL.table());
    StudyRows built = all.where("path", "built");
    assertEquals(List.of("true"), built.distinct("is_right"));
    assertTrue(built.least("first_margin") >= 0 && built.least("second_margin") >= 0);
    double[] objectives = built.numbers("objective");
    for (int i = 1; i < objectives.length; i++) {
      assertTrue(objectives[i] <= objectives[i - 1] * (1 + 1e-6), "point " + i);
    }
    double[] straight = all.where("path", "straight line").numbers("objective");
    // Both run between the same two networks.
    assertEquals(objectives[0], straight[0], 1e-6 * objectives[0]);
    double end = objectives[objectives.length - 1];
    assertEquals(end, straight[straight.length - 1], 1e-6 * end);
    assertTrue(WeightPath.climb(straight) > 0);
  }

  @Test
  void cuttingToRankOneLosesWhatTheFullRankHad() {
    StudyRows all = StudyRows.of(Small.TRUNCATION.table()).where("split", "train");
    StudyRows clean = all.where("false_labels", 0.0).where("cut", "every hidden kernel");
    double full = clean.where("rank", 16).median("accuracy");
    // 10 classes behind one direction: a tanh of it tells a few apart at most.
    assertTrue(full > 0.9, "full " + full);
    assertTrue(clean.where("rank", 1).median("accuracy") < 0.6);
    // The full rank cuts nothing, whatever is cut.
    assertEquals(1, all.where("false_labels", 0.0).where("rank", 16).distinct("accuracy").size());
  }

  @Test
  void aSkipConnectionHandsVariationOn() {
    StudyRows all = StudyRows.of(Small.RESIDUAL.table()).where("layer", "classifier");
    double plain = all.where("network", "mlp").median("normalized_tcv");
    double residual = all.where("network", "resmlp").median("normalized_tcv");
    assertTrue(plain < residual, "mlp %s, resmlp %s".formatted(plain, residual));
  }

  @Test
  void withoutAPenaltyKernelsKeepTheRankThatTheyWereDrawnWith() {
    StudyRows all = StudyRows.of(Small.TIME.table()).where("layer", "dense_1");
    for (String epoch : all.distinct("epoch")) {
      assertEquals(12, all.where("lambda", 0.0).where("epoch", epoch).median("rank_1e-2"));
    }
  }

  /** The sentences say what a table shows, be it with the theory or against it. */
  @Test
  void whatDoesNotFitTheTheoryIsSaid() {
    CsvTable.Builder table = CsvTable.columns(Small.LAMBDA.columns.split(","));
    table.row(1e-3, 1, "dense_1", 10, 5, 0.1, 0.1, 1.0, 0.1, 0.2, 0.15, 1e-3, 1.0, 0.9);
    table.row(1e-3, 1, "classifier", 10, 9, 0, 0, 1.0, 0.1, null, null, 1e-3, 1.0, 0.9);
    table.row(1e-2, 1, "dense_1", 10, 7, 0.1, 0.1, 2.0, 0.1, 0.05, 0.04, 1e-3, 1.0, 0.8);
    table.row(1e-2, 1, "classifier", 10, 9, 0, 0, 0.5, 0.2, null, null, 1e-3, 1.0, 0.8);
    String seen =
        Small.LAMBDA.study().seen(table.build()).stream().collect(Collectors.joining("\n"));
    assertTrue(
        seen.contains("a median rank rises in 1 of 2 steps from one lambda to the next: dense_1"),
        seen);
    assertTrue(seen.contains("It falls in 1 of 1 steps to a larger lambda, as expected"), seen);
    assertTrue(seen.contains("It falls in 0 of 1 steps to a larger lambda, against"), seen);
    assertTrue(seen.contains("The bounds hold for 1 of 2 hidden kernels"), seen);
    assertTrue(seen.contains("Below K - 1 = 9"), seen);
  }

  @Test
  void forecastsAreToldByMethodCostAndErrors() {
    CsvTable table =
        CsvTable.columns("method", "points", "passes", "share_of_cost", "error_dense_1")
            .row("training", 400, 500.0, 1.0, 0.0)
            .row("points", 60, 25.0, 0.05, 0.125)
            .build();
    Study study = StudyName.FORECAST.on(digits, 3);
    assertEquals(
        List.of(
            "points, 60 points, 5.0% of the cost: relative errors of the kernels' spectra 0.125."),
        study.seen(table));
    assertEquals(1, study.plots(table).get(0).curves().size());
    assertTrue(study.recipe().contains("seed 3"));
  }

  @Test
  void climbIsTheLargestRiseAboveAnEarlierPoint() {
    assertEquals(0, WeightPath.climb(3, 2, 2, 1));
    assertEquals(2, WeightPath.climb(3, 1, 2.5, 3, 0.5, 1));
  }

  private static double number(StudyRows rows, int row, String column) {
    return Double.parseDouble(rows.table().cell(row, column));
  }
}
