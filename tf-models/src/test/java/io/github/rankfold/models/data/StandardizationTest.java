package io.github.rankfold.models.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.DoubleBuffer;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StandardizationTest {
  @Test
  void givesMeanZeroAndPopulationDeviationOne() {
    Features features = Features.ofDoubles(new double[] {1, 10, 3, 30, 5, 20, 7, 40}, 2);
    Standardization standardization = Standardization.of(features);
    assertEquals(List.of(4.0, 25.0), standardization.mean());
    assertEquals(List.of(Math.sqrt(5), Math.sqrt(125)), standardization.std());
    double[] values = values(standardization.apply(features));
    double root = Math.sqrt(5);
    assertArrayEquals(
        new double[] {
          -3 / root, -3 / root, -1 / root, 1 / root, 1 / root, -1 / root, 3 / root, 3 / root
        },
        values,
        1e-15);
  }

  /** Of 0.1 + 0.1 + ... the mean is not 0.1, so that its deviation is not 0 but 1e-17. */
  @ParameterizedTest
  @ValueSource(doubles = {0, 0.1, -3, 1e300, 1e-300})
  void aConstantColumnBecomesZero(double constant) {
    double[] column = new double[11];
    Arrays.fill(column, constant);
    Features features = Features.ofDoubles(column, 1);
    Standardization standardization = Standardization.of(features);
    assertEquals(List.of(1.0), standardization.std());
    assertArrayEquals(new double[11], values(standardization.apply(features)));
  }

  @Test
  void aSpreadThatUnderflowsCountsAsConstant() {
    Features features = Features.ofDoubles(new double[] {0, 1e-300}, 1);
    assertEquals(List.of(1.0), Standardization.of(features).std());
  }

  @Test
  void checksItself() {
    assertThrows(
        IllegalArgumentException.class, () -> new Standardization(List.of(0.0), List.of(0.0)));
    assertThrows(
        IllegalArgumentException.class, () -> new Standardization(List.of(0.0), List.of()));
    Standardization one = new Standardization(List.of(0.0), List.of(1.0));
    assertThrows(
        IllegalArgumentException.class, () -> one.apply(Features.ofDoubles(new double[2], 2)));
  }

  private static double[] values(Features features) {
    DoubleBuffer target = DoubleBuffer.allocate(features.samples() * features.width());
    features.copy(0, features.samples(), target);
    return target.array();
  }
}
