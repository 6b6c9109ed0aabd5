package io.github.rankfold.models.data;

import static io.github.rankfold.models.data.ErrorMessages.assertRefused;
import static io.github.rankfold.models.data.ErrorMessages.refusal;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CsvDataTest {
  private static final String FLOWERS = "width,kind,height\n1,rose,2\n3.5,aster,-4e2\n5,rose,6\n";

  private final Path file;

  CsvDataTest(@TempDir Path folder) {
    file = folder.resolve("data.csv");
  }

  private LabeledData load(String content, CsvOptions options) {
    return split(content, options).train();
  }

  private DataSplit split(String content, CsvOptions options) {
    return CsvData.load(written(content), options);
  }

  private Path written(String content) {
    try {
      return Files.writeString(file, content);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"kind", "1"})
  void labelColumnByNameOrIndex(String label) {
    LabeledData data = load(FLOWERS, CsvOptions.defaults().withLabel(label));
    assertEquals(List.of("aster", "rose"), data.classNames());
    assertArrayEquals(new int[] {1, 0, 1}, DataArrays.labels(data));
    assertArrayEquals(new double[] {1, 2, 3.5, -400, 5, 6}, DataArrays.features(data));
    assertEquals(List.of(2), data.featureShape());
    assertEquals("csv:" + file, data.name());
  }

  @Test
  void aNameThatIsANumberIsANameFirst() {
    LabeledData data = load("1,0\n5,a\n", CsvOptions.defaults().withLabel("0"));
    assertEquals(List.of("a"), data.classNames());
  }

  @Test
  void theLastColumnIsTheLabelUnlessSaid() {
    LabeledData data = load("x,y,class\n1,2,b\n3,4,a\n", CsvOptions.defaults());
    assertArrayEquals(new int[] {1, 0}, DataArrays.labels(data));
  }

  @Test
  void numbersAsLabelsSortAsNumbers() {
    LabeledData data = load("x,y\n1,10\n2,9\n3,-1\n", CsvOptions.defaults());
    assertEquals(List.of("-1", "9", "10"), data.classNames());
  }

  @Test
  void wholeNumbersAreClassNumbersOfAModelsOutputs() {
    LabeledData data = load("x,y\n1,0\n2,2.0\n3,0\n", CsvOptions.defaults());
    assertTrue(data.hasSortedClasses());
    LabeledData matched = data.forOutputs(3, "model");
    assertArrayEquals(new int[] {0, 2, 0}, DataArrays.labels(matched));
    assertEquals(List.of("0", "1", "2"), matched.classNames());
    assertFalse(matched.hasSortedClasses(), "nothing was guessed");
  }

  @ParameterizedTest
  @CsvSource({"2;1;3, 1;0;2", "b;a;c, 1;0;2", "-1;7;5, 0;2;1"})
  void otherValuesAsManyAsTheOutputsStaySorted(String labels, String expected) {
    String rows = "1," + labels.replace(";", "\n1,");
    LabeledData matched = load("x,y\n" + rows, CsvOptions.defaults()).forOutputs(3, "model");
    assertTrue(matched.hasSortedClasses());
    assertArrayEquals(
        Arrays.stream(expected.split(";", -1)).mapToInt(Integer::parseInt).toArray(),
        DataArrays.labels(matched));
  }

  @ParameterizedTest
  @CsvSource({"a;c, 'a, c'", "1;3, '1, 3'", "0;1.5, '0, 1.5'"})
  void fewerValuesThanOutputsAreNoLabels(String labels, String shown) {
    String rows = "1," + labels.replace(";", "\n1,");
    LabeledData matched = load("x,y\n" + rows, CsvOptions.defaults()).forOutputs(3, "model");
    assertRefused(
        "csv:%s: expected labels for accuracy, found 2 values (%s) that do not say which of the 3 outputs of model each is (classes=NAME,NAME,... names all classes in the order of the outputs)"
            .formatted(file, shown),
        () -> matched.requireLabels("accuracy"));
    assertTrue(matched.leftOutLabels().isPresent());
  }

  @Test
  void classesThatAreNamedKeepTheirOrder() {
    CsvOptions options = CsvOptions.defaults().withClasses(List.of("c", "a", "b"));
    LabeledData data = load("x,y\n1,a\n2,c\n", options).forOutputs(3, "model");
    assertArrayEquals(new int[] {1, 0}, DataArrays.labels(data));
    assertEquals(List.of("c", "a", "b"), data.classNames());
    assertFalse(data.hasSortedClasses());
    assertRefused(
        file + ": row 3, column y: expected one of the classes c, a, b, found \"d\"",
        () -> load("x,y\n1,a\n2,d\n", options));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "''  | id,name | 3 4 7 8",
        "a   | ''      | 3 7",
        "b,a | ''      | 4 3 8 7",
        "0,a | a       | 1 2",
      })
  void columnsAreChosenOrLeftOut(String features, String dropped, String expected) {
    CsvOptions options =
        CsvOptions.defaults().withFeatures(names(features)).dropping(names(dropped));
    LabeledData data = load("id,name,a,b,kind\n1,one,3,4,p\n2,two,7,8,q\n", options);
    assertArrayEquals(
        Arrays.stream(expected.split(" ", -1)).mapToDouble(Double::parseDouble).toArray(),
        DataArrays.features(data));
    assertEquals(List.of("p", "q"), data.classNames());
  }

  private static List<String> names(String text) {
    return text.isEmpty() ? List.of() : List.of(text.split(",", -1));
  }

  @Test
  void theLabelIsTheLastColumnThatIsNotNamed() {
    CsvOptions options = CsvOptions.defaults().dropping(List.of("2"));
    assertEquals(List.of("p"), load("a,kind,note\n1,p,x\n2,p,y\n", options).classNames());
    assertRefused(
        file + ": expected a label column beside those of features= and drop=, found kind in both",
        () -> load(FLOWERS, CsvOptions.defaults().withLabel("kind").dropping(List.of("kind"))));
    assertRefused(
        file
            + ": expected a label column beside those of features= and drop=, found none (label="
            + " reads no labels)",
        () -> load("a,b\n1,2\n", CsvOptions.defaults().withFeatures(List.of("a", "b"))));
    assertRefused(
        file + ": expected drop= \"color\", found columns width, kind, height",
        () -> load(FLOWERS, CsvOptions.defaults().dropping(List.of("color"))));
    assertRefused(
        file + ": expected a column of features, found none left of a, b",
        () -> load("a,b\n1,2\n", CsvOptions.defaults().dropping(List.of("a"))));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {"5.1,3.5,1 | true", "5.1,3.5,rose | true", "0,1,y | false", "a,b,y | false"})
  void aFirstRowOfNumbersIsMentioned(String first, boolean isMentioned) {
    List<String> notes = new ArrayList<>();
    CsvData.load(written(first + "\n1,2,3\n"), CsvOptions.defaults(), notes::add);
    String note =
        file + ": row 1 holds numbers and was taken for the header; header=false reads it as data";
    assertEquals(isMentioned ? List.of(note) : List.of(), notes);
  }

  @Test
  void readsFilesWithoutHeaderAndWithSpacesAsKeelWritesThem() {
    LabeledData data =
        load(
            "5.1, 3.5, Iris-setosa\n4.9, 3.0, Iris-virginica\n",
            CsvOptions.defaults().withHeader(false));
    assertArrayEquals(new double[] {5.1, 3.5, 4.9, 3.0}, DataArrays.features(data));
    assertEquals(List.of("Iris-setosa", "Iris-virginica"), data.classNames());
  }

  @Test
  void readsOtherDelimitersQuotesEmptyLinesAndWindowsLineEnds() {
    LabeledData data =
        load(
            "\uFEFFx;\"a;b\"\r\n1;\"p;\"\"q\"\r\n\r\n2;r\r\n",
            CsvOptions.defaults().withDelimiter(';').withLabel("a;b"));
    assertEquals(List.of("p;\"q", "r"), data.classNames());
    assertArrayEquals(new double[] {1, 2}, DataArrays.features(data));
    LabeledData marked = load("\uFEFF1,a\n2,b\n", CsvOptions.defaults().withHeader(false));
    assertArrayEquals(new double[] {1, 2}, DataArrays.features(marked));
  }

  @Test
  void readsGzippedFiles() throws IOException {
    Path gzipped = file.resolveSibling("data.csv.gz");
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(gzipped))) {
      out.write(FLOWERS.getBytes(StandardCharsets.UTF_8));
    }
    CsvOptions options = CsvOptions.defaults().withLabel("kind");
    assertEquals(3, CsvData.load(gzipped, options).train().size());
    Files.write(gzipped, Arrays.copyOf(Files.readAllBytes(gzipped), 30));
    assertRefused(
        gzipped + ": expected an intact gzip file, found a truncated one",
        () -> CsvData.load(gzipped, options));
  }

  @Test
  void readsMoreRowsThanTheFirstAllocationHolds() {
    LabeledData data = load(numbered(5000), CsvOptions.defaults());
    assertArrayEquals(
        IntStream.range(0, 5000).asDoubleStream().toArray(), DataArrays.features(data));
  }

  @Test
  void holdsOutThePartAskedFor() {
    DataSplit split = split(numbered(50), CsvOptions.defaults().holdingOut(0.2, 1));
    double[] train = DataArrays.features(split.train());
    double[] test = DataArrays.features(split.test().orElseThrow());
    assertEquals(10, test.length);
    assertArrayEquals(
        IntStream.range(0, 50).asDoubleStream().toArray(),
        DoubleStream.concat(Arrays.stream(train), Arrays.stream(test)).sorted().toArray());
    double[] sorted = test.clone();
    Arrays.sort(sorted);
    assertArrayEquals(sorted, test, "file order is kept");
    for (int i = 0; i < 40; i++) {
      assertEquals(train[i] % 2, split.train().label(i));
    }
  }

  @Test
  void theHeldOutPartDependsOnTheSeedAlone() {
    CsvOptions one = CsvOptions.defaults().holdingOut(0.2, 1);
    CsvOptions two = CsvOptions.defaults().holdingOut(0.2, 2);
    String hash = split(numbered(50), one).train().sha256();
    assertEquals(hash, split(numbered(50), one).train().sha256());
    assertNotEquals(hash, split(numbered(50), two).train().sha256());
  }

  @Test
  void standardizesTheTestPartByTheTrainingPart() {
    DataSplit split = split(numbered(50), CsvOptions.defaults().holdingOut(0.2, 1).standardized());
    LabeledData test = split.test().orElseThrow();
    double[] train = DataArrays.features(split.train());
    assertEquals(0, Arrays.stream(train).average().orElseThrow(), 1e-15);
    assertEquals(1, Arrays.stream(train).map(x -> x * x).average().orElseThrow(), 1e-14);
    DataProvenance provenance = test.provenance();
    assertEquals(split.train().provenance().standardization(), provenance.standardization());
    DataSplit plain = split(numbered(50), CsvOptions.defaults().holdingOut(0.2, 1));
    Standardization byTrain = Standardization.of(plain.train().features());
    assertEquals(byTrain, provenance.standardization());
    double first = DataArrays.features(plain.test().orElseThrow())[0];
    assertEquals(
        (first - byTrain.mean().get(0)) / byTrain.std().get(0), DataArrays.features(test)[0]);
  }

  @Test
  void nothingIsStandardizedUnlessAsked() {
    LabeledData data = load(FLOWERS, CsvOptions.defaults().withLabel("kind"));
    assertNull(data.provenance().standardization());
  }

  @Test
  void missingLabelColumnListsTheColumns() {
    assertRefused(
        file + ": expected a label column \"color\", found columns width, kind, height",
        () -> load(FLOWERS, CsvOptions.defaults().withLabel("color")));
    assertRefused(
        file + ": expected a label column \"3\", found columns 0, 1",
        () -> load("1,a\n", CsvOptions.defaults().withHeader(false).withLabel("3")));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "1,2,a;3,b       | row 3: expected 3 cells, found 2",
        "1,2,a;3,4,b,5   | row 3: expected 3 cells, found 4",
        "1,2,a;3,four,b  | row 3, column y: expected a number, found \"four\" (drop=y leaves the"
            + " column out)",
        "1,2,a;3,?,b     | row 3, column y: expected a number, found \"?\" (1 of 2 rows without a"
            + " value in some column)",
        "1,2,a;,NA,b;1,1,a;nan,1,b | row 3, column x: expected a number, found an empty cell (2 of"
            + " 4 rows without a value in some column)",
        "1,NaN,a         | row 2, column y: expected a number, found \"NaN\" (1 of 1 rows without"
            + " a value in some column)",
        "-Infinity,2,a   | row 2, column x: expected a finite number, found -Infinity",
        "1e999,2,a       | row 2, column x: expected a finite number, found 1e999",
        "1,2,            | row 2, column class: expected a label, found an empty cell",
        "''              | expected rows of data, found only a header row",
      })
  void badCellsAreFoundByRowAndColumn(String rows, String problem) {
    String content = "x,y,class\n" + rows.replace(';', '\n');
    assertRefused(file + ": " + problem, () -> load(content, CsvOptions.defaults()));
  }

  @Test
  void aRowOfDataIsNotTakenForTheHeader() {
    assertRefused(
        file
            + ": row 1: expected distinct column names, found \"2\" twice (header=false reads a"
            + " file without names)",
        () -> load("2,2,a\n1,3,b\n", CsvOptions.defaults()));
  }

  @Test
  void theWrongDelimiterIsSuspected() {
    assertRefused(
        file
            + ": row 1: expected a label and at least one feature separated by \",\", found"
            + " [x;class]",
        () -> load("x;class\n1;a\n", CsvOptions.defaults()));
  }

  @Test
  void missingFileFolderAndEmptyFile() {
    assertRefused(file + ": no such file", () -> CsvData.load(file, CsvOptions.defaults()));
    Path folder = file.resolveSibling(".").normalize();
    assertRefused(
        folder + ": expected a file, found a folder",
        () -> CsvData.load(folder, CsvOptions.defaults()));
    assertRefused(
        file + ": expected rows of data, found an empty file",
        () -> load("", CsvOptions.defaults()));
  }

  @Test
  void textThatIsNotUtf8() throws IOException {
    Files.write(file, "x,class\n1,caf\u00e9\n".getBytes(StandardCharsets.ISO_8859_1));
    assertRefused(
        file + ": expected UTF-8 text, found other bytes",
        () -> CsvData.load(file, CsvOptions.defaults()));
  }

  @Test
  void anUnclosedQuoteIsOneLine() {
    String message = refusal(() -> load("x,class\n1,\"a\n2,b\n", CsvOptions.defaults()));
    assertTrue(message.startsWith(file + ": cannot be read: "), message);
    assertEquals(1, message.lines().count());
  }

  @Test
  void aPartWithoutSamples() {
    assertRefused(
        "csv:" + file + ": expected samples in both parts, found 0 to hold out of 3",
        () -> load(FLOWERS, CsvOptions.defaults().withLabel("kind").holdingOut(0.1, 1)));
  }

  @Test
  void oneClassOnlyIsReadButNotAnalyzed() {
    LabeledData data = load("x,class\n1,a\n2,a\n", CsvOptions.defaults());
    assertRefused(
        "csv:" + file + ": expected samples of at least two classes, found only class a",
        data::requireEveryClass);
  }

  /** Rows i, i mod 2. */
  private static String numbered(int rows) {
    StringBuilder text = new StringBuilder("x,parity\n");
    for (int i = 0; i < rows; i++) {
      text.append(i).append(',').append(i % 2).append('\n');
    }
    return text.toString();
  }
}
