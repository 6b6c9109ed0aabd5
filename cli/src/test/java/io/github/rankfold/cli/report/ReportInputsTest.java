package io.github.rankfold.cli.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.rankfold.models.InvalidInputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ReportInputsTest {
  @TempDir
  @SuppressWarnings("NullAway.Init") // JUnit sets it
  Path folder;

  @Test
  void everyFileOfTheSampleIsRead() {
    ReportInputs inputs = SampleRun.inputs();
    assertEquals(ReportTable.values().length, inputs.tables().size());
    assertEquals(ReportInputs.Document.values().length, inputs.documents().size());
    assertEquals(SampleRun.LAYERS, inputs.layers());
  }

  @Test
  void missingRunFolderIsOneLine() {
    Path missing = folder.resolve("nowhere");
    String message = rejected(missing, Optional.empty());
    assertEquals(missing + ": expected the folder of the run, found nothing", message);
  }

  @Test
  void missingCompressedFolderIsNamed() {
    Path missing = folder.resolve("nowhere");
    String message = rejected(SampleRun.run(), Optional.of(missing));
    assertEquals(missing + ": expected the folder of the compressed model, found nothing", message);
  }

  @Test
  void folderWithoutAnyFileOfARunIsRejected() {
    String message = rejected(folder, Optional.empty());
    assertTrue(message.startsWith(folder + ": expected at least one file of a run"), message);
  }

  @ParameterizedTest
  @ValueSource(strings = {"oops", "NaN", "Infinity", "1,5"})
  void malformedCellNamesFileRowAndColumn(String cell) throws IOException {
    Path file = folder.resolve("spectra.csv");
    Files.writeString(file, "layer,index,singular_value\na,1,2.5\na,2,\"%s\"\n".formatted(cell));
    assertEquals(
        file
            + ": row 3: column singular_value: expected a number or an empty cell, found \""
            + cell
            + "\"",
        rejected(folder, Optional.empty()));
  }

  @Test
  void missingColumnIsNamed() throws IOException {
    Path file = folder.resolve("spectra.csv");
    Files.writeString(file, "layer,index\na,1\n");
    assertEquals(
        file + ": expected one column singular_value, found 0 among layer, index",
        rejected(folder, Optional.empty()));
  }

  @Test
  void columnsAddedAtTheEndAreAccepted() throws IOException {
    Files.writeString(
        folder.resolve("spectra.csv"), "layer,index,singular_value,new\na,1,2.5,words\n");
    ReportInputs inputs = ReportInputs.read(folder, Optional.empty());
    assertTrue(ReportPage.of(inputs).html().contains("<strong>a</strong>"));
  }

  @Test
  void emptyCellsAreUndefinedNotZero() throws IOException {
    SampleRun.copy(SampleRun.run(), folder.resolve("run"));
    SampleRun.replaceIn(
        folder.resolve("run/certificates.csv"), "0.0012488879", ""); // measured at dense_3
    ReportInputs inputs = ReportInputs.read(folder.resolve("run"), Optional.empty());
    assertFalse(
        inputs
            .table(ReportTable.CERTIFICATES)
            .orElseThrow()
            .number(2, "measured_distance")
            .isPresent());
    assertTrue(ReportPage.of(inputs).html().contains("<td>" + HumanNumber.UNDEFINED + "</td>"));
  }

  @ParameterizedTest
  @EnumSource(ReportTable.class)
  void anyTableMayHaveNoRows(ReportTable kind) throws IOException {
    Path run = SampleRun.copy(SampleRun.run(), folder.resolve("run"));
    Path compressed = SampleRun.copy(SampleRun.compressed(), folder.resolve("compressed"));
    Path file =
        (kind.folder() == ReportTable.Folder.RUN ? run : compressed).resolve(kind.fileName());
    Files.writeString(file, Files.readAllLines(file).get(0) + "\n");
    String html = ReportPage.of(ReportInputs.read(run, Optional.of(compressed))).html();
    if (kind == ReportTable.CLASS_PAIRS) { // a part of a section, which stays
      assertFalse(html.contains("separated worst"));
    } else if (kind == ReportTable.IMBALANCE) { // balanced data has none
      assertFalse(html.contains("small classes beside"));
    } else if (kind == ReportTable.SEARCH) { // a part, too
      assertFalse(html.contains("All that was tried"));
    } else {
      assertTrue(html.contains("class=\"note\""));
    }
  }

  private static String rejected(Path run, Optional<Path> compressed) {
    InvalidInputException error =
        assertThrows(InvalidInputException.class, () -> ReportInputs.read(run, compressed));
    String message = String.valueOf(error.getMessage());
    assertFalse(message.contains("\n"), "one line");
    return message;
  }
}
