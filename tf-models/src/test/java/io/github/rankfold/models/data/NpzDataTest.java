package io.github.rankfold.models.data;

import static io.github.rankfold.models.data.ErrorMessages.assertRefused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.rankfold.models.data.SampleArray.Kind;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NpzDataTest {
  private static final Path FILE = Path.of("src/test/resources/data/labelled.npz");

  private static DataSplit load(String features, String labels, double divide) {
    return NpzData.load(
        FILE, new NpzOptions(features, labels, Optional.empty(), Optional.empty(), divide));
  }

  @Test
  void readsXAndYAndTheirTestPartByDefault() {
    DataSplit split = NpzData.load(FILE, NpzOptions.defaults());
    LabeledData train = split.train();
    assertEquals(List.of(2, 2), train.featureShape());
    assertArrayEquals(new int[] {0, 2, 1}, DataArrays.labels(train));
    assertEquals(11, DataArrays.features(train)[11]);
    assertArrayEquals(new int[] {3}, DataArrays.labels(split.test().orElseThrow()));
    assertEquals(List.of("0", "1", "2", "3"), train.classNames());
    assertEquals("npz:" + FILE, train.name());
  }

  @Test
  void withoutBothTestArraysThereIsNoTestPart() {
    Path digits = Path.of("src/test/resources/data/digits-reference.npz");
    NpzOptions h0 = new NpzOptions("h0", "y", Optional.empty(), Optional.empty(), 1);
    assertEquals(360, NpzData.load(digits, h0).test().orElseThrow().size(), "h0_test, y_test");
    NpzOptions w0 = new NpzOptions("h0_test", "y_test", Optional.empty(), Optional.empty(), 1);
    assertTrue(NpzData.load(digits, w0).test().isEmpty());
    NpzOptions both = new NpzOptions("h0", "y", Optional.of("h0_test"), Optional.of("y_test"), 1);
    assertEquals(360, NpzData.load(digits, both).test().orElseThrow().size());
  }

  @Test
  void withoutXAllArraysButLabelsAreInputs() {
    Path file = FILE.resolveSibling("several_inputs.npz");
    DataSplit split = NpzData.load(file, NpzOptions.defaults());
    LabeledData train = split.train();
    assertEquals(
        List.of(
            new SampleArray("ids", List.of(3), 0, 3, Kind.WHOLE_NUMBERS),
            new SampleArray("mask", List.of(3), 3, 3, Kind.WHOLE_NUMBERS),
            new SampleArray("scalar", List.of(), 6, 1, Kind.NUMBERS),
            new SampleArray("words", List.of(), 7, 10, Kind.TEXT)),
        train.arrays());
    assertEquals(List.of(17), train.featureShape());
    assertArrayEquals(new int[] {0, 2, 1}, DataArrays.labels(train));
    double[] second = Arrays.copyOfRange(DataArrays.features(train), 17, 34);
    assertArrayEquals(new double[] {3, 4, 5, 1, 1, 1, 1e-9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, second);
    LabeledData test = split.test().orElseThrow();
    assertEquals(2, test.size());
    assertEquals(
        List.of("ids", "mask", "scalar", "words"),
        test.arrays().stream().map(SampleArray::name).toList());
    assertEquals(train.arrays(), train.select(new int[] {2, 0}).range(0, 1).arrays());
  }

  @Test
  void someArraysInAnyOrder() {
    Path file = FILE.resolveSibling("several_inputs.npz");
    LabeledData data =
        NpzData.load(file, new NpzOptions("scalar,ids", "y", Optional.empty(), Optional.empty(), 1))
            .train();
    assertArrayEquals(new double[] {0.25, 1, 2, 0}, Arrays.copyOf(DataArrays.features(data), 4));
    assertNotEquals(
        data.sha256(),
        NpzData.load(file, new NpzOptions("ids,scalar", "y", Optional.empty(), Optional.empty(), 1))
            .train()
            .sha256());
    assertRefused(
        file
            + ": expected an array \"none\", found ids, mask, scalar, words, y, ids_test, mask_test,"
            + " scalar_test, words_test, y_test",
        () ->
            NpzData.load(
                file, new NpzOptions("ids,none", "y", Optional.empty(), Optional.empty(), 1)));
    assertRefused(
        "npz:" + file + ": expected divide= with one array of features, found ids,mask",
        () ->
            NpzData.load(
                file, new NpzOptions("ids,mask", "y", Optional.empty(), Optional.empty(), 255)));
    assertRefused(
        "npz:%s: expected as many arrays of test samples as ids,mask, found ids_test"
            .formatted(file),
        () ->
            NpzData.load(
                file,
                new NpzOptions(
                    "ids,mask", "y", Optional.of("ids_test"), Optional.of("y_test"), 1)));
    assertRefused(
        file
            + ": array ids_test: expected as many samples as the 3 labels of y, found shape [2, 3]",
        () ->
            NpzData.load(
                file, new NpzOptions("ids_test,mask", "y", Optional.empty(), Optional.empty(), 1)));
    assertRefused(
        file + ": array mask: expected as many samples as the 2 of ids_test, found shape [3, 3]",
        () ->
            NpzData.load(
                file, new NpzOptions("ids_test,mask", "", Optional.empty(), Optional.empty(), 1)));
  }

  @Test
  void partsOfTheTestPartAreFoundByTheNamesOfTheOthers() {
    Path file = FILE.resolveSibling("several_inputs.npz");
    DataSplit named =
        NpzData.load(
            file, new NpzOptions("ids,mask", "y", Optional.empty(), Optional.of("y_test"), 1));
    assertEquals(2, named.test().orElseThrow().size());
    // An array for an input is no label, and text of one axis is one text.
    DataSplit taken =
        NpzData.load(file, new NpzOptions("ids,y", "y", Optional.empty(), Optional.empty(), 1));
    assertFalse(taken.train().hasLabels());
    assertEquals(2, taken.test().orElseThrow().size());
  }

  @Test
  void textOfAnyLength() {
    Path file = FILE.resolveSibling("text.npz");
    DataSplit split = NpzData.load(file, NpzOptions.defaults());
    SampleArray text = split.train().arrays().get(0);
    assertEquals(new SampleArray("", List.of(), 0, 10, Kind.TEXT), text);
    assertEquals(10, text.characters());
    assertEquals(22, split.test().orElseThrow().arrays().get(0).characters());
    double[] features = DataArrays.features(split.train());
    assertEquals('l', features[0]);
    assertEquals(0, features[8], "after the end");
    assertEquals("𝔽".codePointAt(0), features[29]);
    LabeledData table =
        NpzData.load(file, new NpzOptions("table", "y", Optional.empty(), Optional.empty(), 1))
            .train();
    assertEquals(new SampleArray("", List.of(2), 0, 6, Kind.TEXT), table.arrays().get(0));
    assertArrayEquals(
        new double[] {'a', 0, 0, 'b', 'c', 0, 'd', 'e', 'f', 0, 0, 0},
        Arrays.copyOf(DataArrays.features(table), 12),
        "in the order of samples, though NumPy wrote it by columns");
  }

  @Test
  void keysOfKeras() {
    DataSplit split = NpzData.load(FILE.resolveSibling("keras.npz"), NpzOptions.defaults());
    assertArrayEquals(new int[] {0, 1, 0}, DataArrays.labels(split.train()));
    assertArrayEquals(new int[] {1, 1, 0}, DataArrays.labels(split.test().orElseThrow()));
    assertEquals(List.of(3), split.train().featureShape());
  }

  @Test
  void labelsThatAreNotThereOrNotWantedAreNone() {
    LabeledData without = load("x", "", 1).train();
    assertFalse(without.hasLabels());
    assertEquals(3, without.size());
    assertFalse(without.head(2).hasLabels());
    assertFalse(without.select(new int[] {2, 0}).hasLabels());
    assertNotEquals(load("x", "y", 1).train().sha256(), without.sha256());
    assertEquals(load("x", "", 1).train().sha256(), without.sha256());
    assertRefused(
        "npz:" + FILE + ": expected labels for a reason, found none (labels= names no array)",
        () -> without.requireLabels("a reason"));
    assertRefused(
        "npz:" + FILE + ": expected labels for its classes, found none (labels= names no array)",
        () -> without.classes());
  }

  @Test
  void floatsStayFloats() {
    LabeledData data = load("single", "y", 1).train();
    assertInstanceOf(FloatFeatures.class, data.features());
    assertEquals(11, DataArrays.features(data)[11]);
  }

  @Test
  void bytesStayBytesAndAreDivided() {
    ByteFeatures features =
        assertInstanceOf(ByteFeatures.class, load("bytes", "y", 20).train().features());
    assertEquals(0.05, features.scale());
  }

  @ParameterizedTest
  @CsvSource({"x, 5.5", "single, 5.5", "bytes, 110", "integers, 3"})
  void everyStorageIsDivided(String key, double last) {
    assertEquals(last, DataArrays.features(load(key, "y", 2).train())[11]);
  }

  @Test
  void aColumnOfLabelsIsTakenAsLabels() {
    assertArrayEquals(new int[] {0, 1, 0}, DataArrays.labels(load("x", "column", 1).train()));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "x | two  | array x: expected as many samples as the 2 labels of two, found shape [3, 2, 2]",
        "flat | y | array flat: expected features of shape [samples, ...], found shape [3]",
        "nothing|y| array nothing: expected features of shape [samples, ...], found shape [0, 4]",
        "not_finite|y|array not_finite: sample 2, value 1: expected a finite number, found NaN",
        "infinite|y|array infinite: sample 1, value 1: expected a finite number, found -Infinity",
        "x|x|array x: expected one label a sample, shape [samples], or one-hot rows, found shape [3, 2, 2]",
        "x|not_finite|array not_finite: sample 0: expected one 1 among zeros",
        "x|negative|array negative: sample 1: expected a whole number from 0, found -1",
        "x|halves | array halves: sample 1: expected a whole number from 0, found 0.5",
        "x|huge   | array huge: sample 2: expected a label below 1048576, found 1073741824",
      })
  void arraysThatDoNotFitAreRefused(String features, String labels, String problem) {
    assertRefused(FILE + ": " + problem, () -> load(features, labels, 1));
  }

  @ParameterizedTest
  @CsvSource({"real, 0 1 2, 4", "one_hot, 0 1 2, 4", "wide, 3 0 5, 6"})
  void wholeFloatsAndOneHotRowsAreLabels(String key, String labels, int classes) {
    LabeledData data = load("x", key, 1).train();
    int[] expected = Arrays.stream(labels.split(" ", -1)).mapToInt(Integer::parseInt).toArray();
    assertArrayEquals(expected, DataArrays.labels(data));
    assertEquals(classes, data.classes());
    assertFalse(data.hasSortedClasses());
  }

  @ParameterizedTest
  @ValueSource(strings = {"kinds", "kinds_in_bytes"})
  void textIsLabelsInTheOrderOfNames(String key) {
    NpzOptions options = new NpzOptions("x", key, Optional.empty(), Optional.of(key + "_test"), 1);
    DataSplit split = NpzData.load(FILE, options);
    assertEquals(List.of("aster", "naïve", "rose"), split.train().classNames());
    assertTrue(split.train().hasSortedClasses());
    assertArrayEquals(new int[] {2, 1, 2}, DataArrays.labels(split.train()));
    assertArrayEquals(new int[] {0}, DataArrays.labels(split.test().orElseThrow()));
    List<String> named = List.of("rose", "other", "naïve", "aster");
    DataSplit ordered =
        NpzData.load(
            FILE, new NpzOptions("x", key, Optional.empty(), Optional.of(key + "_test"), 1, named));
    assertArrayEquals(new int[] {0, 2, 0}, DataArrays.labels(ordered.train()));
    assertFalse(ordered.train().hasSortedClasses());
    assertRefused(
        "npz:" + FILE + ": sample 1: expected one of the classes rose, found \"naïve\"",
        () ->
            NpzData.load(
                FILE,
                new NpzOptions("x", key, Optional.empty(), Optional.empty(), 1, List.of("rose"))));
  }

  @Test
  void bytesAreTextInUtf8() {
    NpzOptions options =
        new NpzOptions("kinds_in_bytes", "y", Optional.empty(), Optional.empty(), 1);
    LabeledData data = NpzData.load(FILE, options).train();
    assertEquals(new SampleArray("", List.of(), 0, 6, Kind.TEXT), data.arrays().get(0));
    assertArrayEquals(
        new double[] {'n', 'a', 'ï', 'v', 'e', 0},
        Arrays.copyOfRange(DataArrays.features(data), 6, 12));
    NpzOptions latin = new NpzOptions("latin", "y", Optional.empty(), Optional.empty(), 1);
    assertRefused(
        FILE + ": array latin: text 1: expected UTF-8, found other bytes",
        () -> NpzData.load(FILE, latin));
  }

  @ParameterizedTest
  @CsvSource({
    "x, WHOLE_NUMBERS",
    "single, WHOLE_NUMBERS",
    "dark, NUMBERS",
    "gray, NUMBERS",
    "integers, WHOLE_NUMBERS",
    "bright, NUMBERS"
  })
  void floatsThatHoldBytesAreWholeNumbers(String key, Kind kind) {
    assertEquals(kind, load(key, "y", 1).train().arrays().get(0).kind());
    assertEquals(Kind.NUMBERS, load(key, "y", 2).train().arrays().get(0).kind(), "divided");
  }

  @Test
  void anArrayYThatIsNoLabelsIsLeftOutUnlessItIsNamed() {
    Path file = FILE.resolveSibling("regression.npz");
    LabeledData data = NpzData.load(file, NpzOptions.defaults()).train();
    assertFalse(data.hasLabels());
    String found =
        "none (%s: array y: sample 0: expected a whole number from 0, found 0.25)".formatted(file);
    assertEquals(Optional.of(found), data.leftOutLabels());
    assertRefused(
        "npz:" + file + ": expected labels for accuracy, found " + found,
        () -> data.requireLabels("accuracy"));
  }

  @Test
  void missingKeysListThoseFound() {
    Path digits = Path.of("src/test/resources/data/digits-reference.npz");
    assertRefused(
        digits + ": expected an array \"z\", found h0, y, h0_test, y_test",
        () ->
            NpzData.load(digits, new NpzOptions("z", "y", Optional.empty(), Optional.empty(), 1)));
    assertEquals(
        List.of(64), NpzData.load(digits, NpzOptions.defaults()).train().featureShape(), "of h0");
    NpzOptions test = new NpzOptions("h0", "y", Optional.of("h0_test"), Optional.of("t"), 1);
    assertRefused(
        digits + ": expected an array \"t\", found h0, y, h0_test, y_test",
        () -> NpzData.load(digits, test));
  }

  @Test
  void optionsCheckThemselves() {
    assertThrows(
        IllegalArgumentException.class,
        () -> new NpzOptions("x", "y", Optional.empty(), Optional.empty(), 0));
  }
}
