package io.github.rankfold.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.rankfold.models.files.CsvTable;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Forecasts as a user makes them: before training, beside it, and on the page. */
class ForecastCommandTest {
  private static final String[] WHAT = {
    "--data", "digits", "--network", "mlp:20x2:tanh", "--l2", "1e-2", "--threads", "1"
  };

  @TempDir Path folder;

  @Test
  void aForecastNeedsNoFolderAndNoTraining() {
    CommandLineRun run = command("forecast", "--passes", "6");
    assertTrue(run.out().contains("classifier"), run.out());
    assertTrue(run.out().contains("Certain before training"), run.out());
    assertFalse(run.out().contains("NaN"), run.out());
    assertTrue(
        run.out().lines().allMatch(line -> line.length() <= 80), () -> "80 columns: " + run.out());
  }

  @Test
  void whatItCostsIsWhatItMayCost() {
    for (double passes : new double[] {12, 30}) {
      JsonNode found = command("forecast", "--passes", passes, "--json").json();
      assertTrue(found.get("passes").doubleValue() < 1.25 * passes, found::toString);
      assertTrue(found.get("passes").doubleValue() > 0.75 * passes, found::toString);
      assertEquals(20, found.get("singular_values").get("dense_2").size());
      assertEquals(3, found.get("layers").size());
    }
  }

  /** By the forecast itself, by the training that is given it, and on the page of the run. */
  @Test
  void aForecastIsScoredByTheTraining() {
    Path run = folder.resolve("run");
    Path forecast = folder.resolve("forecast");
    command("forecast", "--passes", "25", "--out", forecast);
    CommandLineRun trained =
        command("train", "--epochs", "5", "--finish", "15", "--forecast", forecast, "--out", run);
    assertTrue(trained.out().contains("rank forecast"), trained.out());
    CsvTable byTraining = CsvTable.read(run.resolve("forecast_score.csv"));
    Path beside = folder.resolve("beside");
    CommandLineRun scored =
        command("forecast", "--passes", "25", "--against", run, "--out", beside);
    assertTrue(scored.out().contains("The training cost"), scored.out());
    CsvTable byForecast = CsvTable.read(beside.resolve("forecast_score.csv"));
    assertEquals(byForecast.columns(), byTraining.columns());
    for (int row = 0; row < 3; row++) {
      double error = Double.parseDouble(byForecast.cell(row, "relative_error"));
      // One thread gives the same bits; what was written has the digits that a double needs.
      assertEquals(error, Double.parseDouble(byTraining.cell(row, "relative_error")), 1e-4);
      assertTrue(error < 0.5, "a forecast knows more than nothing: " + error);
    }
    Path page = folder.resolve("report.html");
    CommandLineRun.succeeding("report", run, "--out", page);
    assertTrue(read(page).contains("Forecast beside the outcome"), "on the page");
  }

  @Test
  void theWidthIsThatOfTheNarrowNetwork() {
    JsonNode found = command("forecast", "--passes", "5", "--width", "10", "--json").json();
    assertEquals("mlp:20,10:tanh", found.get("narrow").textValue());
    assertEquals(20, found.get("singular_values").get("dense_2").size());
  }

  private static CommandLineRun command(String command, Object... more) {
    Object[] args = new Object[1 + WHAT.length + more.length];
    args[0] = command;
    System.arraycopy(WHAT, 0, args, 1, WHAT.length);
    for (int i = 0; i < more.length; i++) {
      args[1 + WHAT.length + i] = more[i] instanceof Path ? more[i] : more[i].toString();
    }
    return CommandLineRun.succeeding(args);
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
