package io.github.rankfold.models.files;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.rankfold.models.InvalidInputException;
import java.io.IOException;
import java.math.RoundingMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CsvTableTest {
  @TempDir Path folder;

  @Test
  void whatIsUndefinedIsEmptyAndTextIsQuoted() throws IOException {
    CsvTable table =
        CsvTable.columns("a", "b", "c", "d")
            .row(1, 0.1, "x,\"y\"\nz", null)
            .row(Double.NaN, Double.POSITIVE_INFINITY, OptionalDouble.empty(), OptionalInt.empty())
            .row(OptionalDouble.of(1e-12), OptionalInt.of(-3), true, 1.5f)
            .build();
    Path file = folder.resolve("t.csv");
    table.write(file);
    assertEquals(
        // An empty first cell is quoted, as a row of nothing else could be a blank line.
        "a,b,c,d\n1,0.1,\"x,\"\"y\"\"\nz\",\n\"\",,,\n1.0E-12,-3,true,1.5\n",
        Files.readString(file));
    assertEquals(table.rows(), CsvTable.read(file).rows());
    assertEquals(List.of("a", "b", "c", "d"), CsvTable.read(file).columns());
    assertEquals("x,\"y\"\nz", CsvTable.read(file).cell(0, "c"));
  }

  @Test
  void valuesAreKeptAsTheyWereGiven() throws IOException {
    CsvTable table =
        CsvTable.columns("a", "b", "c", "d")
            .row("01", 1e5, false, Optional.of(7L))
            .row("1e5", Double.NaN, OptionalInt.empty(), RoundingMode.UP)
            .build();
    assertEquals(
        List.of(
            List.of(Optional.of("01"), Optional.of(1e5), Optional.of(false), Optional.of(7L)),
            List.of(Optional.of("1e5"), Optional.empty(), Optional.empty(), Optional.of("UP"))),
        table.values());
    assertEquals(table.values(), CsvTable.stacked(List.of(table)).values());
    Path file = folder.resolve("t.csv");
    table.write(file);
    assertEquals(
        List.of(Optional.of("01"), Optional.of("100000.0"), Optional.of("false"), Optional.of("7")),
        CsvTable.read(file).values().get(0),
        "a file has text");
  }

  @Test
  void aRowOfAnotherLengthIsRefused() {
    assertEquals(
        "expected 2 values for [a, b], found 1",
        assertThrows(IllegalArgumentException.class, () -> CsvTable.columns("a", "b").row(1))
            .getMessage());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "''          | expected a header row, found an empty file",
        "a,b/1,2/3   | row 3: expected 2 cells, found 1",
        "a,b/1,2,3   | row 2: expected 2 cells, found 3",
      })
  void filesThatAreNoTable(String lines, String message) throws IOException {
    Path file = folder.resolve("t.csv");
    Files.writeString(file, lines.replace("/", "\n"));
    assertEquals(file + ": " + message, refusal(file));
  }

  @Test
  void anOpenQuoteAndAMissingFile() throws IOException {
    Path file = folder.resolve("t.csv");
    assertEquals(file + ": no such file", refusal(file));
    Files.writeString(file, "a,b\n1,\"2\n");
    assertEquals(
        file + ": expected CSV, found (startline 2) EOF reached before encapsulated token finished",
        refusal(file));
  }

  private static String refusal(Path file) {
    return String.valueOf(
        assertThrows(InvalidInputException.class, () -> CsvTable.read(file)).getMessage());
  }
}
