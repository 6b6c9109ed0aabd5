package io.github.rankfold.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.rankfold.models.files.CsvTable;
import io.github.rankfold.models.files.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every command on a small run, and exactly the files that it promises. */
class CommandsTest {
  /** Columns as they were published: more may follow, none may go or move. */
  static final Map<String, String> COLUMNS =
      Map.of(
          "history.csv",
          "epoch,objective,loss,accuracy,test_loss,test_accuracy,learning_rate,seconds",
          "layers.csv",
          "layer,kind,rows,cols,parameters,rank_float32,rank_1e-3,stable_rank,effective_rank,"
              + "break_even_rank,skipped_because",
          "ranks.csv",
          "layer,rank,parameters,multiply_adds,bytes,kept_energy,output_bound",
          "spectra.csv",
          "layer,index,singular_value",
          "collapse.csv",
          "epoch,layer,width,samples,classes,tcv,normalized_tcv,nc1_pinv,nc1_quotient,cdnv,"
              + "nc2_equinorm,nc2_equiangularity,nc3_self_duality,nc4_mismatch",
          "certificates.csv",
          "layer,partition,clusters,lambda,measured_distance,exact_bound,tcv_bound,projected_bound,"
              + "projected_tcv_bound,stationarity",
          "compression.csv",
          "layer,kind,rule,full_rank,rank,parameters_before,parameters_after,"
              + "multiply_adds_before,multiply_adds_after,discarded_energy",
          "evaluation.csv",
          "model,samples,accuracy,accuracy_low,accuracy_high,loss,parameters,bytes,latency_ms");

  /** The same, of the tables that an analysis has beside these. */
  private static final Map<String, String> ANALYSIS_COLUMNS =
      Map.of(
          "class_collapse.csv",
          "split,layer,features,class,samples,variation,share_of_tcv,cdnv,mean_norm,nearest_class,"
              + "nearest_distance,largest_cosine,accuracy",
          "class_pairs.csv",
          "split,layer,features,class_a,class_b,cdnv,distance",
          "feature_ranks.csv",
          "split,layer,features,of,rank_1e-3,stable_rank,effective_rank,method,error",
          "imbalance.csv",
          "split,layer,features,minority_classes,majority_classes,ratio,minority_mean_norm,"
              + "majority_mean_norm,minority_cosine,majority_cosine,minority_accuracy,"
              + "majority_accuracy",
          "certificate_spectrum.csv",
          "layer,partition,clusters,index,singular_value,bound,refined_bound",
          "forward_bounds.csv",
          "layer,clusters,lambda,measured_distance,features_bound,projected_features_bound,"
              + "data_bound,stationarity,prediction_gradient,lipschitz_after,lipschitz_before,"
              + "because",
          "analysis_notes.csv",
          "layer,about,because,split");

  private static final List<String> SAVED_MODEL =
      List.of(
          "saved_model/saved_model.pb",
          "saved_model/variables/variables.data-00000-of-00001",
          "saved_model/variables/variables.index");

  @TempDir private static Path shared;
  @TempDir Path temporary;

  private static Path run = Path.of("");
  private static CommandLineRun training = new CommandLineRun(-1, "", "");

  @BeforeAll
  static void train() {
    run = shared.resolve("run");
    training =
        CommandLineRun.succeeding(
            "train",
            "--data",
            "digits",
            "--network",
            "mlp:24x2:tanh",
            "--l2",
            "1e-3",
            "--epochs",
            "6",
            "--batch-size",
            "32",
            "--seed",
            "4",
            "--out",
            run);
  }

  static void assertColumns(Path file) throws IOException {
    String name = file.getFileName().toString();
    String promised = COLUMNS.containsKey(name) ? COLUMNS.get(name) : ANALYSIS_COLUMNS.get(name);
    String header = Files.readAllLines(file).get(0);
    assertTrue((header + ",").startsWith(promised + ","), () -> file + " has " + header);
    String text = Files.readString(file);
    assertFalse(text.contains("NaN") || text.contains("Infinity"), () -> file + ": " + text);
  }

  private static List<String> withModel(String... others) {
    List<String> files = new ArrayList<>(SAVED_MODEL);
    files.addAll(List.of(others));
    files.sort(null);
    return files;
  }

  @Test
  void trainWritesARunFolder() throws IOException {
    assertEquals(withModel("history.csv", "manifest.json"), Snapshot.files(run));
    assertColumns(run.resolve("history.csv"));
    assertEquals(6, CsvTable.read(run.resolve("history.csv")).rows().size());
    JsonNode manifest = Json.read(run.resolve("manifest.json"));
    assertEquals("training", manifest.get("kind").asText());
    assertEquals("mlp:24x2:tanh", manifest.get("network").asText());
    assertEquals(1e-3, manifest.at("/penalized/dense_1~1kernel").asDouble());
    assertTrue(training.out().startsWith("Trained mlp:24x2:tanh, 2,410 parameters"));
    assertTrue(training.out().contains("Run in " + run));
    assertEquals("Training ...", training.err().strip());
  }

  @Test
  void inspectNeedsNoDataAndWritesNothing() {
    Snapshot before = Snapshot.of(shared);
    String out = CommandLineRun.succeeding("inspect", run).out();
    assertTrue(out.contains("signatures [serving_default]; 2,410 parameters, 9,640 bytes"), out);
    assertTrue(out.contains("3 layers, 0 kernels left alone."), out);
    JsonNode json = CommandLineRun.succeeding("inspect", run, "--json").json();
    assertEquals(2410, json.get("parameters").asInt());
    assertEquals("dense_1", json.at("/layers/0/layer").asText());
    assertEquals(17, json.at("/layers/0/break_even_rank").asInt());
    assertEquals(before, Snapshot.of(shared));
  }

  @Test
  void inspectPredictsEveryRankAsCompressThenFindsIt() throws IOException {
    Path out = temporary.resolve("inspected");
    CommandLineRun inspected = CommandLineRun.succeeding("inspect", run, "--out", out);
    assertEquals(
        List.of("layers.csv", "manifest.json", "ranks.csv", "spectra.csv"), Snapshot.files(out));
    assertColumns(out.resolve("ranks.csv"));
    CsvTable ranks = CsvTable.read(out.resolve("ranks.csv"));
    assertEquals(24 + 24 + 10, ranks.rows().size()); // 64x24, 24x24, 24x10
    assertEquals("1.0", ranks.cell(23, "kept_energy"));
    assertEquals("0.0", ranks.cell(23, "output_bound"));
    JsonNode json = CommandLineRun.succeeding("inspect", run, "--json").json();
    assertEquals(ranks.rows().size(), json.get("ranks").size());
    // Every layer at the same share, as the rule fraction does it.
    JsonNode plan =
        CommandLineRun.succeeding("compress", run, "--rule", "fraction:0.25", "--dry-run", "--json")
            .json();
    String parameters = String.format("%,d", plan.get("parameters_after").asLong());
    assertTrue(
        inspected.out().lines().anyMatch(l -> l.contains(" 1/4 ") && l.contains(parameters)),
        inspected.out());
    for (JsonNode layer : plan.get("layers")) {
      if (layer.get("kept_because") == null) {
        int row = rowOf(ranks, layer.get("layer").asText(), layer.get("rank").asText());
        assertEquals(layer.get("parameters_after").asText(), ranks.cell(row, "parameters"));
        assertEquals(layer.get("multiply_adds_after").asText(), ranks.cell(row, "multiply_adds"));
      }
    }
  }

  private static int rowOf(CsvTable ranks, String layer, String rank) {
    for (int row = 0; row < ranks.rows().size(); row++) {
      if (ranks.cell(row, "layer").equals(layer) && ranks.cell(row, "rank").equals(rank)) {
        return row;
      }
    }
    throw new AssertionError("no row for " + layer + " at rank " + rank);
  }

  @Test
  void analyzeWritesItsTables() throws IOException {
    Path out = temporary.resolve("analysis");
    Snapshot before = Snapshot.of(shared);
    CommandLineRun analysis =
        CommandLineRun.succeeding("analyze", run, "--data", "digits", "--out", out);
    assertEquals(
        List.of(
            "analysis_notes.csv",
            "certificate_spectrum.csv",
            "certificates.csv",
            "class_collapse.csv",
            "class_pairs.csv",
            "collapse.csv",
            "feature_ranks.csv",
            "forward_bounds.csv",
            "imbalance.csv",
            "layers.csv",
            "spectra.csv"),
        Snapshot.files(out));
    for (String file : Snapshot.files(out)) {
      assertColumns(out.resolve(file));
    }
    CsvTable collapse = CsvTable.read(out.resolve("collapse.csv"));
    assertEquals(2 * 4, collapse.rows().size(), "training and held-out data");
    assertEquals("test", collapse.cell(7, "split"));
    assertEquals("360", collapse.cell(7, "samples"));
    assertEquals("1437", collapse.rows().get(0).get(3));
    CsvTable certificates = CsvTable.read(out.resolve("certificates.csv"));
    assertEquals(
        3 * 6, certificates.rows().size(), "labels, three of k-means, two inside the classes");
    assertEquals("kmeans_in_class", certificates.cell(5, "partition"));
    assertEquals(2 * 4 * 10, CsvTable.read(out.resolve("class_collapse.csv")).rows().size());
    assertEquals(24 + 24 + 10, CsvTable.read(out.resolve("spectra.csv")).rows().size());
    assertTrue(analysis.out().contains("Tables in " + out));
    assertEquals(before, Snapshot.of(shared));
  }

  @Test
  void aPenaltyOnTheCommandLineWinsOverTheManifests() {
    JsonNode json =
        CommandLineRun.succeeding(
                "analyze",
                run,
                "--data",
                "digits?split=test",
                "--l2",
                "0.5",
                "--json",
                "--out",
                temporary.resolve("a"))
            .json();
    assertEquals(0.5, json.at("/certificates/0/lambda").asDouble());
    assertEquals(360, json.get("samples").asInt());
    assertEquals("output", json.at("/collapse/3/layer").asText());
  }

  @Test
  void aForeignModelHasNoCertificatesUnlessItsPenaltyIsGiven() throws IOException {
    Path out = temporary.resolve("a");
    CommandLineRun analysis =
        CommandLineRun.succeeding("analyze", Fixtures.DIGITS, "--data", "digits", "--out", out);
    assertTrue(analysis.out().contains("No certificates: no kernel is known to have a penalty"));
    assertColumns(out.resolve("certificates.csv"));
    assertTrue(CsvTable.read(out.resolve("certificates.csv")).rows().isEmpty());
  }

  @ParameterizedTest
  @CsvSource({
    "rank:7, '7 7 7'", "fraction:0.25, '6 6 3'", "classes, '10 10 10'",
    "energy:0.5, ", "relative:0.5, ", "rank:8, '8 8 10'"
  })
  void compressByEveryRule(String rule, String ranks) throws IOException {
    Path out = temporary.resolve("smaller");
    Snapshot before = Snapshot.of(shared);
    CommandLineRun.succeeding("compress", run, "--rule", rule, "--data", "digits", "--out", out);
    assertEquals(
        withModel("compression.csv", "evaluation.csv", "manifest.json"), Snapshot.files(out));
    assertColumns(out.resolve("compression.csv"));
    assertColumns(out.resolve("evaluation.csv"));
    CsvTable table = CsvTable.read(out.resolve("compression.csv"));
    long saved = 0;
    List<String> found = new ArrayList<>();
    for (int row = 0; row < table.rows().size(); row++) {
      assertEquals(rule, table.cell(row, "rule"));
      found.add(table.cell(row, "rank"));
      saved +=
          Long.parseLong(table.cell(row, "parameters_before"))
              - Long.parseLong(table.cell(row, "parameters_after"));
    }
    if (ranks != null) {
      assertEquals(ranks, String.join(" ", found));
    }
    CsvTable evaluation = CsvTable.read(out.resolve("evaluation.csv"));
    assertEquals("original", evaluation.cell(0, "model"));
    assertEquals("compressed", evaluation.cell(1, "model"));
    assertEquals("360", evaluation.cell(1, "samples"), "held-out digits");
    assertEquals(
        saved,
        Long.parseLong(evaluation.cell(0, "parameters"))
            - Long.parseLong(evaluation.cell(1, "parameters")));
    JsonNode manifest = Json.read(out.resolve("manifest.json"));
    assertEquals("compression", manifest.get("kind").asText());
    assertEquals(64, manifest.get("parent_sha256").asText().length());
    assertEquals(before, Snapshot.of(shared));
  }

  @Test
  void aDryRunShowsThePlanAndWritesNothing() {
    Snapshot before = Snapshot.of(shared);
    String out = CommandLineRun.succeeding("compress", run, "--rule", "rank:5", "--dry-run").out();
    assertTrue(out.contains("Dry run: 2,410 parameters -> "), out);
    JsonNode json =
        CommandLineRun.succeeding(
                "compress",
                run,
                "--rule",
                "rank:5",
                "--dry-run",
                "--json",
                "--out",
                temporary.resolve("never"))
            .json();
    assertEquals(2410, json.get("parameters_before").asInt());
    assertEquals(5, json.at("/layers/0/rank").asInt());
    assertEquals(before, Snapshot.of(shared));
    assertEquals(List.of(), Snapshot.files(temporary));
  }

  @Test
  void aDryRunTellsThatItDoesNotUseData() {
    String[] dry = {"compress", run.toString(), "--data", "digits", "--dry-run", "--rule"};
    String unused = "A dry run does not use --data";
    assertTrue(CommandLineRun.succeeding(with(dry, "rank:5")).out().contains(unused));
    assertFalse(CommandLineRun.succeeding(with(dry, "class-means")).out().contains(unused));
    assertFalse(
        CommandLineRun.succeeding(with(dry, "rank:5", "--weighting", "inputs"))
            .out()
            .contains(unused));
  }

  private static Object[] with(String[] args, String... more) {
    return Stream.concat(Stream.of(args), Stream.of(more)).toArray();
  }

  @Test
  void thatNothingWasFactoredIsSaidAndCounted() {
    String[] compress = {"compress", run.toString(), "--dry-run", "--rule"};
    String nothing = "Nothing was factored: the weights stay what they are.";
    String out = CommandLineRun.succeeding(with(compress, "rank:24", "--quiet")).out();
    assertTrue(out.contains("0 of 3 layers factored") && out.contains(nothing), out);
    assertEquals(0, factored(with(compress, "rank:24", "--json")));
    assertFalse(CommandLineRun.succeeding(with(compress, "rank:5")).out().contains(nothing));
    assertEquals(3, factored(with(compress, "rank:5", "--json")));
  }

  private static int factored(Object... args) {
    JsonNode document = CommandLineRun.succeeding(args).json();
    assertEquals(3, document.get("layers").size());
    return document.get("factored").asInt();
  }

  @Test
  void noiseIsCalledSoAndOnlyWithoutData() {
    String noise = "These inputs are noise";
    Path one = temporary.resolve("one");
    String out = CommandLineRun.succeeding("compress", run, "--rule", "rank:5", "--out", one).out();
    assertTrue(out.contains("Reloaded and run on generated inputs: exactly as planned."), out);
    assertTrue(out.contains(noise), out);
    Path two = temporary.resolve("two");
    String measured =
        CommandLineRun.succeeding(
                "compress", run, "--rule", "rank:5", "--data", "digits", "--out", two)
            .out();
    assertTrue(measured.contains("exactly as planned."), measured);
    assertFalse(measured.contains(noise), measured);
  }

  @Test
  void withLabelsTooItIsSaidHowFarOutputsAreApart() throws IOException {
    Path smaller = temporary.resolve("smaller");
    String compressed =
        CommandLineRun.succeeding(
                "compress", run, "--rule", "rank:5", "--data", "digits", "--out", smaller)
            .out();
    String evaluated =
        CommandLineRun.succeeding("evaluate", smaller, "--against", run, "--data", "digits").out();
    CsvTable table = CsvTable.read(smaller.resolve("evaluation.csv"));
    for (String column : List.of("agreement", "relative_error")) {
      double share = Double.parseDouble(table.cell(1, column));
      String percent = String.format(Locale.ROOT, "%.2f%%", 100 * share);
      assertTrue(compressed.contains(percent), compressed);
      assertTrue(evaluated.contains(percent), evaluated);
    }
    assertTrue(evaluated.contains("The outputs of the compressed model are "), evaluated);
  }

  @Test
  void patternsChooseLayers() throws IOException {
    Path out = temporary.resolve("smaller");
    CommandLineRun.succeeding(
        "compress",
        run,
        "--rule",
        "rank:5",
        "--layers",
        "dense*",
        "--exclude",
        "*_2",
        "--out",
        out);
    CsvTable table = CsvTable.read(out.resolve("compression.csv"));
    assertEquals(List.of("5", "24", "10"), table.rows().stream().map(row -> row.get(4)).toList());
    assertEquals("not selected", table.cell(1, "kept_because"));
  }

  @Test
  void aCompressedModelIsAModel() throws IOException {
    Path smaller = temporary.resolve("smaller");
    Path again = temporary.resolve("again");
    CommandLineRun.succeeding("compress", run, "--rule", "rank:12", "--out", smaller);
    CommandLineRun.succeeding(
        "analyze", smaller, "--data", "digits", "--out", temporary.resolve("a"));
    CommandLineRun.succeeding("compress", smaller, "--rule", "rank:3", "--out", again);
    String out =
        CommandLineRun.succeeding("evaluate", again, "--against", smaller, "--data", "digits")
            .out();
    assertTrue(out.contains("original") && out.contains("compressed"), out);
  }

  @Test
  void evaluateMeasuresOneModelOrTwo() {
    JsonNode one = CommandLineRun.succeeding("evaluate", run, "--data", "digits", "--json").json();
    assertEquals(1, one.size());
    assertEquals(run.toString(), one.at("/0/model").asText());
    assertEquals(360, one.at("/0/samples").asInt());
    JsonNode two =
        CommandLineRun.succeeding(
                "evaluate", run, "--against", Fixtures.DIGITS, "--data", "digits", "--json")
            .json();
    assertEquals("original", two.at("/0/model").asText());
    assertEquals(0.97778, two.at("/0/accuracy").asDouble(), 1e-4, "as the fixture's README says");
    assertEquals(one.at("/0/accuracy"), two.at("/1/accuracy"));
  }

  @Test
  void reportMakesOnePageOfWhatThereIs() throws IOException {
    Path page = temporary.resolve("pages/run.html");
    String out = CommandLineRun.succeeding("report", run, "--out", page).out();
    assertEquals("Report: " + page, out.strip());
    assertTrue(Files.readString(page).startsWith("<!"));
    assertEquals(
        page.toString(),
        CommandLineRun.succeeding("report", run, "--out", page, "--overwrite", "--json")
            .json()
            .get("report")
            .asText());
    assertEquals(List.of("pages/run.html"), Snapshot.files(temporary));
  }

  @Test
  void overwriteReplacesAFolderWholly() throws IOException {
    Path out = temporary.resolve("out");
    Files.createDirectories(out.resolve("saved_model/deep"));
    Files.writeString(out.resolve("saved_model/deep/old.txt"), "old");
    Files.writeString(out.resolve("search.csv"), "old");
    CommandLineRun.succeeding("compress", run, "--rule", "rank:5", "--overwrite", "--out", out);
    assertEquals(withModel("compression.csv", "manifest.json"), Snapshot.files(out));
    assertEquals(
        List.of("", "out", "out/saved_model", "out/saved_model/variables"),
        Snapshot.of(temporary).entries().entrySet().stream()
            .filter(entry -> entry.getValue().equals("folder"))
            .map(Map.Entry::getKey)
            .toList());
  }

  @Test
  void anEmptyFolderIsWrittenTo() throws IOException {
    Path out = Files.createDirectory(temporary.resolve("out"));
    CommandLineRun.succeeding("compress", run, "--rule", "rank:5", "--out", out);
    assertEquals(withModel("compression.csv", "manifest.json"), Snapshot.files(out));
  }

  @Test
  void quietLeavesProgressOut() {
    CommandLineRun quiet =
        CommandLineRun.succeeding(
            "analyze", run, "--data", "digits", "--quiet", "--out", temporary.resolve("a"));
    assertEquals("", quiet.err());
    assertFalse(quiet.out().isEmpty());
  }

  @Test
  void trainingAgainWithOneThreadAndSeedGivesTheSameModel() throws IOException {
    for (String out : List.of("one", "two")) {
      CommandLineRun.succeeding(
          "train",
          "--data",
          "digits",
          "--network",
          "mlp:8",
          "--epochs",
          "2",
          "--threads",
          "1",
          "--seed",
          "9",
          "--out",
          temporary.resolve(out));
    }
    for (String file : SAVED_MODEL) {
      assertEquals(
          -1,
          Files.mismatch(
              temporary.resolve("one").resolve(file), temporary.resolve("two").resolve(file)),
          file);
    }
  }

  /** A row of an epoch is what analyze says of the network at that epoch. */
  @Test
  void trackedCollapseEndsAsTheAnalysisOfTheOutcome() throws IOException {
    Path tracked = temporary.resolve("tracked");
    CommandLineRun.succeeding(
        (Object[])
            ("train --data digits --network mlp:12:tanh --l2 1e-3 --epochs 5 --batch-size 32"
                    + " --threads 1 --track-collapse 2 --out "
                    + tracked)
                .split(" "));
    assertEquals(
        withModel("collapse.csv", "history.csv", "manifest.json"), Snapshot.files(tracked));
    assertColumns(tracked.resolve("collapse.csv"));
    CsvTable epochs = CsvTable.read(tracked.resolve("collapse.csv"));
    List<String> expected = new ArrayList<>();
    for (String epoch : List.of("0", "2", "4", "5")) { // the end, though 2 does not divide 5
      for (String layer : List.of("dense_1", "classifier", "output")) {
        expected.add(epoch + " " + layer);
      }
    }
    List<String> found = new ArrayList<>();
    for (int row = 0; row < epochs.rows().size(); row++) {
      found.add(epochs.cell(row, "epoch") + " " + epochs.cell(row, "layer"));
    }
    assertEquals(expected, found);

    Path analysis = temporary.resolve("analysis");
    CommandLineRun.succeeding(
        "analyze", tracked, "--data", "digits", "--labels-only", "--out", analysis);
    CsvTable outcome = CsvTable.read(analysis.resolve("collapse.csv"));
    for (int row = 0; row < 3; row++) {
      for (String column : List.of("layer", "split", "tcv", "nc1_pinv", "nc4_mismatch")) {
        assertEquals(outcome.cell(row, column), epochs.cell(9 + row, column), column);
      }
    }
    double before = Double.parseDouble(epochs.cell(1, "normalized_tcv"));
    double after = Double.parseDouble(epochs.cell(10, "normalized_tcv"));
    assertTrue(after < before, "classes fall together at the classifier: " + after);

    Path page = temporary.resolve("page.html");
    CommandLineRun.succeeding("report", tracked, "--analysis", analysis, "--out", page);
    assertTrue(Files.readString(page).contains("over epochs"), "tracked epochs are drawn");
  }

  @Test
  void trainPrintsJson() {
    JsonNode json =
        CommandLineRun.succeeding(
                "train",
                "--data",
                "digits",
                "--network",
                "linear",
                "--epochs",
                "5",
                "--json",
                "--out",
                temporary.resolve("run"))
            .json();
    assertEquals(650, json.get("parameters").asInt());
    assertTrue(json.get("test_accuracy").asDouble() > 0.3);
  }

  @Test
  void reportTellsWhereACompressedModelIsOfAnother() {
    Path smaller = temporary.resolve("smaller");
    CommandLineRun.succeeding("compress", run, "--rule", "rank:4", "--out", smaller);
    Path page = temporary.resolve("page.html");
    String same =
        CommandLineRun.succeeding("report", run, "--compressed", smaller, "--out", page).out();
    assertFalse(same.contains("two models"), same);
    assertTrue(Files.isReadable(page));
    Path other = temporary.resolve("other");
    CommandLineRun.succeeding(
        "train", "--data", "digits", "--network", "linear", "--epochs", "1", "--out", other);
    Path mixed = temporary.resolve("mixed.html");
    String found =
        CommandLineRun.succeeding("report", other, "--compressed", smaller, "--out", mixed).out();
    assertTrue(
        found.startsWith(
            "%s was not made from the model in %s: the page shows two models."
                .formatted(smaller, other)),
        found);
  }

  /** What compress wrote is a page by itself; what study wrote is another kind of folder. */
  @Test
  void reportOfACompressedModelAlone() throws IOException {
    Path smaller = temporary.resolve("smaller");
    CommandLineRun.succeeding(
        "compress", run, "--rule", "rank:4", "--data", "digits", "--out", smaller);
    Path page = temporary.resolve("page.html");
    CommandLineRun.succeeding("report", smaller, "--out", page);
    String html = Files.readString(page);
    assertTrue(html.contains("rank:4") && html.contains("Relative error"));
    assertFalse(html.contains("No compression.csv"), "the table is there");
    Files.writeString(smaller.resolve("manifest.json"), "{\"kind\": \"study\"}");
    Files.delete(smaller.resolve("compression.csv"));
    CommandLineRun refused =
        CommandLineRun.of("report", smaller, "--out", temporary.resolve("no.html"));
    assertEquals(1, refused.code());
    assertTrue(refused.err().contains("found one of kind study"), refused.err());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "demo",
        "train",
        "inspect",
        "analyze",
        "compress",
        "evaluate",
        "merge",
        "report",
        "study"
      })
  void helpTeachesByExample(String command) {
    String out = CommandLineRun.succeeding(command, "--help").out();
    assertTrue(out.contains("Examples:"), out);
    assertTrue(out.contains("rankfold " + command), out);
  }

  @Test
  void helpNamesTheExitCodesAndVersionWhatItStandsOn() {
    assertTrue(CommandLineRun.succeeding("--help").out().contains("Exit codes: 0 done"));
    assertTrue(CommandLineRun.succeeding("--version").out().contains("TensorFlow 2."));
    CommandLineRun nothing = CommandLineRun.of();
    assertEquals(2, nothing.code());
    assertTrue(nothing.out().contains("Usage: rankfold"));
  }
}
