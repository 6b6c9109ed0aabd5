package io.github.rankfold.models.data;

import static io.github.rankfold.models.data.ErrorMessages.assertRefused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DataSourceTest {
  private static final String LABELLED = "npz:src/test/resources/data/labelled.npz";
  private static final String DIGITS_NPZ = "npz:src/test/resources/data/digits-reference.npz";

  private final Path folder;

  DataSourceTest(@TempDir Path folder) {
    this.folder = folder;
  }

  @Test
  void digitsComeWithTheirTestPart() {
    DataSplit split = DataSource.open("digits");
    assertEquals(1437, split.primary().size());
    assertEquals(360, split.test().orElseThrow().size());
  }

  @Test
  void aChosenPartComesAlone() {
    DataSplit test = DataSource.open("digits?split=test");
    assertEquals(360, test.primary().size());
    assertEquals("digits?split=test", test.primary().name());
    assertTrue(test.test().isEmpty());
    DataSplit train = DataSource.open("digits?split=train");
    assertEquals(1437, train.primary().size());
    assertEquals("digits?split=train", train.primary().name());
    assertTrue(train.test().isEmpty());
  }

  /** So that a summary tells how to get the very data. */
  @ParameterizedTest
  @CsvSource({
    "digits",
    LABELLED,
    LABELLED + "?features=single",
    LABELLED + "?features=bytes&divide=255",
    DIGITS_NPZ + "?features=h0&features_test=h0_test",
  })
  void thePartsNamesOpenThem(String uri) {
    DataSplit split = DataSource.open(uri);
    LabeledData test = split.test().orElseThrow();
    assertEquals(uri, split.primary().name());
    assertEquals(split.primary().sha256(), DataSource.open(uri).primary().sha256());
    assertEquals(test.sha256(), DataSource.open(test.name()).primary().sha256());
  }

  @Test
  void npzTakesKeys() {
    DataSplit split = DataSource.open(LABELLED + "?features=single&labels=column");
    assertArrayEquals(new int[] {0, 1, 0}, DataArrays.labels(split.primary()));
    assertEquals(4, split.primary().classes(), "y_test holds a 3");
  }

  @Test
  void csvTakesItsParameters() throws IOException {
    Path file = folder.resolve("my data.csv");
    Files.writeString(file, "1;a;2\n3;b;2\n5;a;2\n7;b;2\n9;a;2\n");
    String uri = "csv:" + file + "?header=false&label=1&delimiter=%3B&test=0.4&standardize=true";
    DataSplit split = DataSource.open(uri + "&seed=3");
    assertEquals(3, split.primary().size());
    assertEquals(2, split.test().orElseThrow().size());
    assertEquals(List.of("a", "b"), split.primary().classNames());
    assertEquals(uri + "&seed=3&split=test", split.test().orElseThrow().name());
    Standardization by = split.primary().provenance().standardization();
    assertTrue(by != null && by.std().get(1) == 1);
  }

  @Test
  void valuesMayBePercentEncodedAndAPlusIsAPlus() throws IOException {
    Path file = Files.writeString(folder.resolve("data.csv"), "x,a+b&c=d\n1,p\n2,q\n");
    DataSplit split = DataSource.open("csv:" + file + "?label=a+b%26c=d");
    assertFalse(split.test().isPresent());
    assertEquals(List.of("p", "q"), split.primary().classNames());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "faces           | data \"faces\": expected digits, idx:FOLDER, csv:FILE, npz:FILE,"
            + " cifar10:FOLDER",
        "data.csv        | data \"data.csv\": expected digits, idx:FOLDER, csv:FILE, npz:FILE,"
            + " cifar10:FOLDER",
        "''              | data \"\": expected digits, idx:FOLDER, csv:FILE, npz:FILE,"
            + " cifar10:FOLDER",
        "digits?part=test| digits?part=test: expected parameters among split, found part",
        "csv:f?lable=x   | csv:f?lable=x: expected parameters among label, classes, features,"
            + " drop, header, delimiter, standardize, test, seed, split, found lable",
        "csv:f?classes=a,a|csv:f?classes=a,a: classes: expected distinct names separated by commas,"
            + " found \"a,a\"",
        "digits?split=dev| digits?split=dev: split: expected train or test, found \"dev\"",
        "digits:8        | digits:8: expected nothing after \"digits\", found \"8\"",
        "digits?         | digits?: expected parameters as NAME=VALUE, found \"\"",
        "digits?split    | digits?split: expected parameters as NAME=VALUE, found \"split\"",
        "idx?split=test  | idx?split=test: expected a path after \"idx:\", found none",
        "csv:f?seed=1&seed=2|csv:f?seed=1&seed=2: expected parameter seed once, found it twice",
        "csv:f?seed=x    | csv:f?seed=x: seed: expected an integer, found \"x\"",
        "csv:f?test=1    | csv:f?test=1: test: expected a number between 0.0 and 1.0, found \"1\"",
        "csv:f?test=x    | csv:f?test=x: test: expected a number between 0.0 and 1.0, found \"x\"",
        "csv:f?header=no | csv:f?header=no: header: expected true or false, found \"no\"",
        "csv:f?delimiter=ab|csv:f?delimiter=ab: delimiter: expected one character, found \"ab\"",
        "csv:f?label=%4  | csv:f?label=%4: expected two hexadecimal digits after %, found"
            + " \"label=%4\"",
        "npz:f?divide=0  | npz:f?divide=0: divide: expected a number above 0.0, found \"0\"",
        "idx:/no/folder  | /no/folder: no such folder",
        "cifar10:/no/one | /no/one: no such folder",
        "csv:/no/file    | /no/file: no such file",
        "npz:/no/file    | /no/file: no such file",
      })
  void whatCannotBeOpenedIsSaidInOneLine(String uri, String message) {
    assertRefused(message, () -> DataSource.open(uri));
  }

  @Test
  void aTestPartThatIsNotThere() throws IOException {
    Path file = Files.writeString(folder.resolve("data.csv"), "x,y\n1,p\n2,q\n");
    String uri = "csv:" + file + "?split=test";
    assertRefused(
        uri + ": expected a test part for split=test, found none", () -> DataSource.open(uri));
  }

  @Test
  void theTestPartIsChosenByItsParameterNotByAFileOfThatName() {
    assertTrue(DataSource.choosesTestPart("digits?split=test"));
    assertTrue(DataSource.choosesTestPart("csv:a.csv?label=b&split=test"));
    assertFalse(DataSource.choosesTestPart("digits"));
    assertFalse(DataSource.choosesTestPart("digits?split=train"));
    assertFalse(DataSource.choosesTestPart("csv:split=test/a.csv?label=b"));
  }
}
