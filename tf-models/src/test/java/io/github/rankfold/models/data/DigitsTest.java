package io.github.rankfold.models.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Against the arrays that scikit-learn and NumPy gave for the reference net. */
class DigitsTest {
  private final NpzFile reference =
      NpzFile.open(Path.of("src/test/resources/data/digits-reference.npz"));
  private final LabeledData train = Digits.load().train();
  private final LabeledData test = Digits.load().test().orElseThrow();

  @Test
  void trainingPartEqualsTheReferenceToTheBit() {
    assertEquals(1437, train.size());
    assertArrayEquals(reference.array("h0").toDoubles(), DataArrays.features(train));
    assertArrayEquals(reference.array("y").toInts(), DataArrays.labels(train));
  }

  @Test
  void testPartEqualsTheReferenceToTheBit() {
    assertEquals(360, test.size());
    assertArrayEquals(reference.array("h0_test").toDoubles(), DataArrays.features(test));
    assertArrayEquals(reference.array("y_test").toInts(), DataArrays.labels(test));
  }

  @Test
  void partsAreNamedAsAUserWritesThem() {
    assertEquals("digits", train.name());
    assertEquals("digits?split=test", test.name());
    assertEquals(List.of(64), train.featureShape());
    assertEquals(List.of("0", "1", "2", "3", "4", "5", "6", "7", "8", "9"), train.classNames());
    train.requireEveryClass();
    test.requireEveryClass();
  }

  @Test
  void isStoredAsBytes() {
    assertEquals(0.0625, assertInstanceOf(ByteFeatures.class, train.features()).scale());
  }
}
