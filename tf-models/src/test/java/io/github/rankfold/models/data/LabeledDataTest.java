package io.github.rankfold.models.data;

import static io.github.rankfold.models.data.ErrorMessages.assertRefused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.rankfold.models.files.Json;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class LabeledDataTest {
  private static final Features FOUR_BY_TWO =
      Features.ofDoubles(new double[] {1, 2, 3, 4, 5, 6, 7, 8}, 2);

  private static LabeledData labeled(int[] labels, String... classNames) {
    return new LabeledData("four", FOUR_BY_TWO, List.of(2), labels, List.of(classNames));
  }

  private static final List<String> CLASSES = List.of("a", "b", "c");

  private final LabeledData data = labeled(new int[] {0, 1, 2, 1}, "a", "b", "c");

  @Test
  void partsKeepFeaturesAndLabelsTogether() {
    assertArrayEquals(new double[] {3, 4, 5, 6}, DataArrays.features(data.range(1, 3)));
    assertArrayEquals(new int[] {1, 2}, DataArrays.labels(data.range(1, 3)));
    assertArrayEquals(
        new double[] {5, 6, 1, 2}, DataArrays.features(data.select(new int[] {2, 0})));
    assertArrayEquals(new int[] {2, 0}, DataArrays.labels(data.select(new int[] {2, 0})));
  }

  @Test
  void labelsGoByTheNamesOfAModelsClasses() {
    LabeledData named = labeled(new int[] {0, 1, 1, 0}, "c", "a").withClasses(CLASSES, "model");
    assertArrayEquals(new int[] {2, 0, 0, 2}, DataArrays.labels(named));
    assertEquals(CLASSES, named.classNames());
    assertSame(data, data.withClasses(CLASSES, "model"));
    LabeledData numbered = labeled(new int[] {0, 1, 1, 0}, "0", "1");
    assertArrayEquals(
        new int[] {0, 1, 1, 0}, DataArrays.labels(numbered.withClasses(CLASSES, "model")));
    assertArrayEquals(
        new int[] {1, 2, 2, 1},
        DataArrays.labels(numbered.withClasses(List.of("7", "0", "1"), "model")));
    assertRefused(
        "four: sample 1: expected one of the classes [a, b, c] of model, found d",
        () -> labeled(new int[] {0, 1, 1, 0}, "c", "d").withClasses(CLASSES, "model"));
  }

  @Test
  void partsKeepClassesAndSayWhatTheyAre() {
    assertEquals("four[1:3]", data.range(1, 3).name());
    assertEquals("four[2 selected]", data.select(new int[] {2, 0}).name());
    assertEquals(List.of("a", "b", "c"), data.range(0, 1).classNames());
  }

  @Test
  void headIsAllOfDataThatIsShorter() {
    assertEquals(2, data.head(2).size());
    assertSame(data, data.head(4));
    assertSame(data, data.head(100));
  }

  @Test
  void countsItsClasses() {
    assertArrayEquals(new int[] {1, 2, 1}, data.classCounts());
  }

  @Test
  void everyClassIsThere() {
    data.requireEveryClass();
  }

  @Test
  void emptyClassesAreNamed() {
    assertRefused(
        "four: expected samples of each of 4 classes, found none of class b, d",
        () -> labeled(new int[] {0, 2, 2, 0}, "a", "b", "c", "d").requireEveryClass());
  }

  @Test
  void oneClassIsNotEnough() {
    assertRefused(
        "four: expected samples of at least two classes, found only class a",
        () -> labeled(new int[4], "a").requireEveryClass());
    assertRefused(
        "four: expected samples of at least two classes, found only class b",
        () -> labeled(new int[] {1, 1, 1, 1}, "a", "b").requireEveryClass());
    assertRefused(
        "four[0:0]: expected samples of at least two classes, found no samples",
        () -> data.head(0).requireEveryClass());
  }

  @Test
  void labelsOutOfRangeAreRefused() {
    assertRefused(
        "four: sample 1: expected a label in 0..1, found 2",
        () -> labeled(new int[] {0, 2, 0, 0}, "a", "b"));
    assertRefused(
        "four: sample 3: expected a label in 0..1, found -1",
        () -> labeled(new int[] {0, 1, 0, -1}, "a", "b"));
  }

  @Test
  void asManyLabelsAsSamples() {
    assertRefused(
        "four: expected as many labels as samples, found 4 samples and 1 labels",
        () -> labeled(new int[1], "a", "b"));
  }

  @Test
  void equalDataHasEqualHashesWhateverItsNameAndPlace() {
    String hash = data.sha256();
    assertTrue(hash.matches("[0-9a-f]{64}"), hash);
    assertEquals(hash, data.named("other").sha256());
    assertEquals(hash, data.select(new int[] {0, 1, 2, 3}).sha256());
    assertEquals(data.range(1, 3).sha256(), data.select(new int[] {1, 2}).sha256());
  }

  @Test
  void valuesLabelsShapeAndStorageAllCount() {
    String hash = data.sha256();
    Features other = Features.ofDoubles(new double[] {1, 2, 3, 4, 5, 6, 7, Math.nextUp(8.0)}, 2);
    Features floats = Features.ofFloats(new float[] {1, 2, 3, 4, 5, 6, 7, 8}, 2);
    int[] labels = {0, 1, 2, 1};
    List<String> names = List.of("a", "b", "c");
    assertNotEquals(hash, new LabeledData("", other, List.of(2), labels, names).sha256());
    assertNotEquals(hash, new LabeledData("", floats, List.of(2), labels, names).sha256());
    assertNotEquals(hash, new LabeledData("", FOUR_BY_TWO, List.of(1, 2), labels, names).sha256());
    assertNotEquals(hash, labeled(new int[] {0, 1, 2, 2}, "a", "b", "c").sha256());
  }

  @Test
  void longDataIsHashedToTheEnd() {
    byte[] bytes = new byte[200_000];
    int[] labels = new int[bytes.length];
    LabeledData zeros = bytes(bytes.clone(), labels);
    bytes[bytes.length - 1] = 1;
    assertNotEquals(zeros.sha256(), bytes(bytes, labels).sha256());
  }

  private static LabeledData bytes(byte[] values, int[] labels) {
    Features features = Features.ofBytes(ByteBuffer.wrap(values), 1, 1);
    return new LabeledData("long", features, List.of(1), labels, List.of("a"));
  }

  /** As Python gave it by the format of DataDigest; summaries of today and next year must agree. */
  @Test
  void theHashOfTheDigitsStays() {
    assertEquals(
        "428f664b88fba6a5e3807c647cd0a5af91ea1ed2a771ab9dab43e2616fedfd92",
        Digits.load().train().sha256());
  }

  @Test
  void provenanceIsReadableJson() {
    DataProvenance provenance = data.provenance();
    assertEquals("four", provenance.source());
    assertEquals(4, provenance.samples());
    assertEquals(data.sha256(), provenance.sha256());
    String json = Json.text(provenance);
    assertTrue(json.contains("\"featureShape\" : [ 2 ]"), json);
    assertTrue(json.contains("\"standardization\" : null"), json);
  }

  @Test
  void provenanceTellsTheStandardization() {
    Standardization by = new Standardization(List.of(1.0, 2.0), List.of(2.0, 4.0));
    LabeledData standardized = data.standardized(by);
    assertEquals(by, standardized.provenance().standardization());
    assertEquals(by, standardized.head(1).provenance().standardization());
    assertTrue(Json.text(standardized.provenance()).contains("\"std\" : [ 2.0, 4.0 ]"));
  }

  @Test
  void bothPartsOfASplitAreOfOneKind() {
    LabeledData wide =
        new LabeledData("wide", FOUR_BY_TWO, List.of(1, 2), new int[4], data.classNames());
    assertRefused(
        "four: expected test samples of the training samples' shape [2], found [1, 2]",
        () -> new DataSplit(data, Optional.of(wide)));
    LabeledData fewer = labeled(new int[4], "a", "b");
    assertRefused(
        "four: expected the training part's classes [a, b, c] in the test part, found [a, b]",
        () -> new DataSplit(data, Optional.of(fewer)));
  }
}
