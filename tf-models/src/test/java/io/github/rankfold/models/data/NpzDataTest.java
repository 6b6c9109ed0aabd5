package io.github.rankfold.models.data;

import static io.github.rankfold.models.data.ErrorMessages.assertRefused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NpzDataTest {
  private static final Path FILE = Path.of("src/test/resources/data/labelled.npz");

  private static DataSplit load(String features, String labels, double divide) {
    return NpzData.load(FILE, new NpzOptions(features, labels, Optional.empty(), divide));
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
    NpzOptions h0 = new NpzOptions("h0", "y", Optional.empty(), 1);
    assertTrue(NpzData.load(digits, h0).test().isEmpty());
    NpzOptions both =
        new NpzOptions("h0", "y", Optional.of(new NpzOptions.Keys("h0_test", "y_test")), 1);
    assertEquals(360, NpzData.load(digits, both).test().orElseThrow().size());
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
        "x|one_hot|array one_hot: expected one label a sample, shape [samples], found shape [3, 3]",
        "x|negative|array negative: sample 1: expected a label from 0, found -1",
        "x|real   | array real: expected integers, found float64",
      })
  void arraysThatDoNotFitAreRefused(String features, String labels, String problem) {
    assertRefused(FILE + ": " + problem, () -> load(features, labels, 1));
  }

  @Test
  void absurdLabelsDoNotFillTheMemory() {
    assertRefused(
        "npz:" + FILE + ": expected labels below 1048576, found 1073741824",
        () -> load("x", "huge", 1));
  }

  @Test
  void missingKeysListThoseFound() {
    Path digits = Path.of("src/test/resources/data/digits-reference.npz");
    assertRefused(
        digits + ": expected an array \"x\", found h0, y, h0_test, y_test",
        () -> NpzData.load(digits, new NpzOptions("x", "y", Optional.empty(), 1)));
    NpzOptions test =
        new NpzOptions("h0", "y", Optional.of(new NpzOptions.Keys("h0_test", "t")), 1);
    assertRefused(
        digits + ": expected an array \"t\", found h0, y, h0_test, y_test",
        () -> NpzData.load(digits, test));
  }

  @Test
  void optionsCheckThemselves() {
    assertThrows(
        IllegalArgumentException.class, () -> new NpzOptions("x", "y", Optional.empty(), 0));
  }
}
