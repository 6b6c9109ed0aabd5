package io.github.rankfold.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.rankfold.models.files.CsvTable;
import io.github.rankfold.models.network.NetworkExport;
import io.github.rankfold.models.network.NetworkSpec;
import io.github.rankfold.models.network.NetworkWeights;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Data that leaves something unmeasured: empty cells and a note, never NaN, or one clear line. */
class AnalyzeDataTest {
  @TempDir Path folder;

  @BeforeEach
  void model() throws IOException {
    NetworkSpec spec = NetworkSpec.mlp(2, 4, 2);
    NetworkExport.write(spec, NetworkWeights.initial(spec, 3), folder.resolve("model"));
  }

  /** Rows of two features and a label each. */
  private String data(String... rows) throws IOException {
    Path file = folder.resolve("data.csv");
    Files.writeString(file, "a,b,label\n" + String.join("\n", rows) + "\n");
    return "csv:" + file + "?label=label";
  }

  private CommandLineRun run(String data, String... more) {
    List<Object> words =
        new ArrayList<>(
            List.of("analyze", folder.resolve("model"), "--data", data, "--out", out()));
    words.addAll(List.of(more));
    return CommandLineRun.of(words.toArray());
  }

  private Path out() {
    return folder.resolve("analysis");
  }

  private List<List<String>> notes() throws IOException {
    return CsvTable.read(out().resolve("analysis_notes.csv")).rows();
  }

  private void assertNoNaN() throws IOException {
    for (String file : Snapshot.files(out())) {
      assertFalse(Files.readString(out().resolve(file)).contains("NaN"), file);
    }
  }

  @Test
  void constantFeaturesLeaveCellsEmptyAndANote() throws IOException {
    CommandLineRun run = run(data("1,2,x", "1,2,y", "1,2,x", "1,2,y"), "--l2", "0.1");
    assertEquals(0, run.code(), run.err());
    CsvTable collapse = CsvTable.read(out().resolve("collapse.csv"));
    for (int row = 0; row < collapse.rows().size(); row++) {
      assertEquals("0.0", collapse.cell(row, "tcv"));
      assertEquals("", collapse.cell(row, "cdnv"));
      assertEquals("", collapse.cell(row, "nc1_pinv"));
    }
    assertTrue(
        notes().stream().anyMatch(note -> note.contains("the features are constant")),
        notes()::toString);
    assertTrue(run.out().contains("the features are constant"), run.out());
    assertNoNaN();
  }

  @Test
  void aClassOfOneSampleIsNoted() throws IOException {
    CommandLineRun run = run(data("1,2,x", "2,2,x", "1,3,x", "4,2,y"), "--l2", "0.1");
    assertEquals(0, run.code(), run.err());
    assertTrue(
        notes().stream().anyMatch(note -> note.contains("class y")), () -> "class y is not noted");
    assertTrue(
        run.out().contains("class y       one sample has no variation, and looks collapsed"),
        run.out());
    assertNoNaN();
  }

  @Test
  void smallClassesAreTold() throws IOException {
    List<String> rows = new ArrayList<>(List.of("0,1,few", "0,1.5,few"));
    for (int i = 0; i < 9; i++) {
      rows.add("%d,%d,many".formatted(3 + i % 3, i % 2));
    }
    CommandLineRun run = run(data(rows.toArray(String[]::new)));
    assertEquals(0, run.code(), run.err());
    CsvTable imbalance = CsvTable.read(out().resolve("imbalance.csv"));
    assertEquals(3, imbalance.rows().size(), "two layers and the logits");
    assertTrue(
        run.out()
            .contains(
                "Imbalance: 1 of 2 classes has less than half of the largest one's samples,%nand the"
                        .formatted()
                    + " smallest 4.5 times fewer:"),
        run.out());
    CsvTable classes = CsvTable.read(out().resolve("class_collapse.csv"));
    String right = "";
    for (int row = 0; row < classes.rows().size(); row++) {
      if (classes.cell(row, "layer").equals("output") && classes.cell(row, "class").equals("few")) {
        right = "%.1f%%".formatted(100 * Double.parseDouble(classes.cell(row, "accuracy")));
      }
    }
    String ofFew = right;
    assertTrue(
        run.out().lines().anyMatch(line -> line.matches(" +few +2 +" + ofFew + " +many +\\S+ *")),
        run.out());
    assertTrue(run.out().lines().allMatch(line -> line.length() <= 80), run.out());
  }

  @Test
  void aModelWithoutAPenaltyHasMetricsAndNoCertificates() throws IOException {
    CommandLineRun run = run(data("1,2,x", "2,2,x", "1,3,y", "4,2,y"));
    assertEquals(0, run.code(), run.err());
    assertEquals(3, CsvTable.read(out().resolve("collapse.csv")).rows().size());
    for (String file : List.of("certificates.csv", "forward_bounds.csv")) {
      assertEquals(List.of(), CsvTable.read(out().resolve(file)).rows(), file);
    }
    assertTrue(run.out().contains("No certificates: no kernel is known to have a penalty"));
    assertTrue(notes().stream().anyMatch(n -> n.contains("no penalty of its kernel is known")));
    assertNoNaN();
  }

  /** Finite data whose squares are beyond single precision. */
  @Test
  void featuresThatAreNotFiniteAreNamedByLayerAndSample() throws IOException {
    CommandLineRun run = run(data("1,2,0", "2,2,1", "3e38,-3e38,0", "4,2,1"));
    assertEquals(1, run.code());
    String message = run.refusal();
    assertTrue(
        message.endsWith(
            "sample 2: layer dense_1: expected features whose squares can be summed, found"
                + " 3.0000000054977558E38"),
        message);
    assertFalse(Files.exists(out()), "nothing written");
  }

  @Test
  void labelsThatAreMissing() throws IOException {
    CommandLineRun run = run(data("1,2,x", "2,2,", "1,3,y"));
    assertEquals(1, run.code());
    assertTrue(run.refusal().contains("data.csv"), run.refusal());
    assertFalse(Files.exists(out()), "nothing written");
  }

  @Test
  void boundsByFeaturesLieBelowThoseByTheData() throws IOException {
    String[] rows = IntStream.range(0, 8).mapToObj(i -> i + ",1," + i % 2).toArray(String[]::new);
    CommandLineRun run = run(data(rows), "--l2", "0.1", "--labels-only");
    assertEquals(0, run.code(), run.err());
    CsvTable bounds = CsvTable.read(out().resolve("forward_bounds.csv"));
    assertEquals(2, bounds.rows().size(), "one row for each kernel");
    for (int row = 0; row < 2; row++) {
      double distance = Double.parseDouble(bounds.cell(row, "measured_distance"));
      double projected = Double.parseDouble(bounds.cell(row, "projected_features_bound"));
      double features = Double.parseDouble(bounds.cell(row, "features_bound"));
      double ofData = Double.parseDouble(bounds.cell(row, "data_bound"));
      assertTrue(distance <= projected + 1e-5);
      assertTrue(projected <= features + 1e-5);
      assertTrue(features <= ofData * (1 + 1e-5), features + " against " + ofData);
    }
  }
}
