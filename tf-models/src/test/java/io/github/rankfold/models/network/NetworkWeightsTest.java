package io.github.rankfold.models.network;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class NetworkWeightsTest {
  private static final NetworkSpec SPEC = NetworkSpec.mlp(200, 300, 4);

  @Test
  void aSeedGivesTheSameWeightsAndAnotherSeedOthers() {
    assertEquals(NetworkWeights.initial(SPEC, 7), NetworkWeights.initial(SPEC, 7));
    assertNotEquals(NetworkWeights.initial(SPEC, 7), NetworkWeights.initial(SPEC, 8));
  }

  /** Variances: 2/(m+n) for Glorot, 2/m for He; 60,000 draws put the estimate within 3%. */
  @ParameterizedTest
  @EnumSource(Initializer.class)
  void kernelsHaveTheVarianceOfTheirInitializer(Initializer initializer) {
    WeightArray kernel =
        NetworkWeights.initial(SPEC.withInitializer(initializer), 1).get("dense_1/kernel");
    double variance = initializer.text().startsWith("glorot") ? 2.0 / 500 : 2.0 / 200;
    assertEquals(variance, kernel.squaredNorm() / kernel.size(), 0.03 * variance);
  }

  @Test
  void biasesStartAtZero() {
    NetworkWeights weights = NetworkWeights.initial(SPEC, 3);
    assertEquals(WeightArray.zeros(List.of(300)), weights.get("dense_1/bias"));
    assertEquals(WeightArray.zeros(List.of(4)), weights.get("classifier/bias"));
  }

  @Test
  void keepsItsOwnCopyOfValues() {
    float[] values = {1, 2};
    WeightArray array = WeightArray.of(List.of(2), values);
    values[0] = 5;
    array.values()[1] = 6;
    assertEquals(WeightArray.of(List.of(2), new float[] {1, 2}), array);
  }

  @Test
  void refusesShapesThatDoNotFit() {
    NetworkWeights weights = NetworkWeights.initial(SPEC, 3);
    assertEquals(
        "dense_1/bias: expected shape [300], found [4]",
        assertThrows(
                IllegalArgumentException.class,
                () -> weights.with("dense_1/bias", WeightArray.zeros(List.of(4))))
            .getMessage());
    assertEquals(
        "classifier/kernel: expected shape [300, 5], found [300, 4]",
        assertThrows(
                IllegalArgumentException.class,
                () -> weights.checkFit(NetworkSpec.mlp(200, 300, 5)))
            .getMessage());
    assertEquals(
        "expected 4 values for shape [2, 2], found 3",
        assertThrows(
                IllegalArgumentException.class, () -> WeightArray.of(List.of(2, 2), new float[3]))
            .getMessage());
  }
}
