package io.github.rankfold.collapse.statistics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.rankfold.collapse.linalg.Matrix;
import io.github.rankfold.collapse.linalg.Precision;
import io.github.rankfold.collapse.linalg.Spectrum;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FrequentDirectionsTest {
  /** Of the largest squared singular value: what the Gram matrices round. */
  private static final double ROUNDING = 1e-12;

  /** Random rows whose columns fall off as {@code decay^j}. */
  private static float[] rows(int count, int width, double decay) {
    Random random = new Random(count + 31L * width);
    float[] values = new float[count * width];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (random.nextGaussian() * Math.pow(decay, i % width));
    }
    return values;
  }

  @ParameterizedTest(name = "{0} x {1}, decay {2}, {3} directions")
  @CsvSource({
    "500, 30, 1.0, 4", // a flat spectrum, the worst case
    "500, 30, 0.8, 4",
    "300, 60, 0.9, 10",
    "1000, 8, 0.7, 12", // more directions than columns
    "200, 100, 0.5, 1"
  })
  void singularValuesAreWithinTheStatedError(int count, int width, double decay, int directions) {
    float[] values = rows(count, width, decay);
    Spectrum exact = Spectrum.of(Matrix.fromFloats(count, width, values), Precision.FLOAT64);
    FrequentDirections sketch = new FrequentDirections(width, directions);
    int half = count / 2 * width;
    sketch.add(Arrays.copyOf(values, half));
    sketch.add(Arrays.copyOfRange(values, half, values.length));
    Spectrum found = sketch.spectrum();
    double slack = ROUNDING * exact.value(0) * exact.value(0);
    for (int i = 0; i < exact.size(); i++) {
      double square = exact.value(i) * exact.value(i);
      double sketched = i < found.size() ? found.value(i) * found.value(i) : 0;
      assertTrue(sketched <= square + slack, "too large: " + i);
      assertTrue(square <= sketched + sketch.error() + slack, "beyond the error: " + i);
    }
    for (int k = 0; k < directions; k++) {
      assertTrue(
          sketch.error() <= exact.tailEnergy(k) / (directions - k) + slack,
          "error above the theorem's, k = " + k);
    }
    assertEquals(exact.totalEnergy(), sketch.total(), 1e-9 * sketch.total());
  }

  @Test
  void rowsThatSpanFewDirectionsAreSketchedExactly() {
    Matrix product =
        Matrix.fromFloats(300, 3, rows(300, 3, 1)).times(Matrix.fromFloats(3, 40, rows(3, 40, 1)));
    FrequentDirections sketch = new FrequentDirections(40, 5);
    sketch.add(product.toFloats());
    Spectrum exact = Spectrum.of(Matrix.fromFloats(300, 40, product.toFloats()), Precision.FLOAT64);
    for (int i = 0; i < 3; i++) {
      assertEquals(exact.value(i), sketch.spectrum().value(i), 1e-6 * exact.value(0));
    }
    assertTrue(sketch.error() < 1e-10 * sketch.total(), () -> "error " + sketch.error());
  }

  @Test
  void partsOfRowsAndEmptySketchesAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> new FrequentDirections(3, 0));
    FrequentDirections sketch = new FrequentDirections(3, 2);
    assertThrows(IllegalArgumentException.class, () -> sketch.add(new float[4]));
  }
}
