package io.github.rankfold.collapse.statistics;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.rankfold.collapse.linalg.Matrix;
import io.github.rankfold.models.data.Features;
import io.github.rankfold.models.data.LabeledData;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WeightedPointsTest {
  private static final int WIDTH = 7;
  private static final int[] SIZES = {50, 20, 3, 1};

  @ParameterizedTest(name = "{0} points for 74 samples")
  @ValueSource(ints = {4, 5, 9, 20, 37, 60, 73, 74, 100})
  void sharesAndMeansOfTheClassesAreKept(int count) {
    Matrix rows = rows();
    WeightedPoints points = WeightedPoints.of(data(), count);
    assertTrue(points.size() <= count, points::toString);
    double[] weight = new double[SIZES.length];
    double[][] sums = new double[SIZES.length][WIDTH];
    for (int i = 0; i < points.size(); i++) {
      int k = points.labels().get(i);
      weight[k] += points.weights().get(i);
      for (int j = 0; j < WIDTH; j++) {
        sums[k][j] += points.weights().get(i) * points.points().get(i, j);
      }
    }
    double[][] expected = new double[SIZES.length][WIDTH];
    for (int i = 0; i < rows.rows(); i++) {
      for (int j = 0; j < WIDTH; j++) {
        expected[labels()[i]][j] += rows.get(i, j);
      }
    }
    for (int k = 0; k < SIZES.length; k++) {
      assertEquals(SIZES[k], weight[k], 1e-12);
      assertArrayEquals(expected[k], sums[k], 1e-10);
    }
  }

  /** Never more variation than the samples have, all of it with all points, more with more. */
  @Test
  void variationIsKeptAsFarAsPointsAllow() {
    double all = squares(WeightedPoints.of(data(), 74));
    double half = squares(WeightedPoints.of(data(), 37));
    double few = squares(WeightedPoints.of(data(), 8));
    assertTrue(few < half && half <= all * (1 + 1e-12), few + " " + half + " " + all);
  }

  /** Along one line two points hold the whole second moment of a cluster. */
  @Test
  void spreadAlongALineIsKept() {
    Matrix line = Matrix.of(4, 2, -3, 0, -1, 0, 1, 0, 3, 0);
    WeightedPoints points = WeightedPoints.of(data(line, new int[4], 1), 2);
    assertEquals(2, points.size());
    assertEquals(Math.sqrt(5), Math.abs(points.points().get(0, 0)), 1e-12);
    assertEquals(20, squares(points), 1e-12);
  }

  @Test
  void asManyPointsAsSamplesAreTheSamples() {
    WeightedPoints points = WeightedPoints.of(data(), 74);
    assertArrayEquals(rows().toDoubles(), points.points().toDoubles());
    assertArrayEquals(labels(), points.labels().stream().mapToInt(k -> k).toArray());
    assertTrue(points.weights().stream().allMatch(w -> w == 1));
  }

  @Test
  void everyClassNeedsAPoint() {
    assertThrows(IllegalArgumentException.class, () -> WeightedPoints.of(data(), 3));
  }

  private static double squares(WeightedPoints points) {
    double sum = 0;
    for (int i = 0; i < points.size(); i++) {
      for (double value : points.points().row(i)) {
        sum += points.weights().get(i) * value * value;
      }
    }
    return sum;
  }

  /** Halving keeps far more of the variation than points at random could. */
  @Test
  void clustersThatAreFarApartAreFound() {
    double[] values = new double[60];
    Random random = new Random(1);
    for (int i = 0; i < values.length; i++) {
      values[i] = (i % 3 == 2 ? 300 : 100 * (i % 3)) + random.nextDouble();
    }
    WeightedPoints points = WeightedPoints.of(data(Matrix.of(60, 1, values), new int[60], 1), 6);
    assertEquals(6, points.size());
    points.weights().forEach(weight -> assertEquals(10, weight, 1e-12));
  }

  private static LabeledData data() {
    return data(rows(), labels(), SIZES.length);
  }

  private static LabeledData data(Matrix rows, int[] labels, int classes) {
    return new LabeledData(
        "rows",
        Features.ofDoubles(rows.toDoubles(), rows.cols()),
        List.of(rows.cols()),
        labels,
        IntStream.range(0, classes).mapToObj(Integer::toString).toList());
  }

  private static int[] labels() {
    int[] labels = new int[74];
    int at = 0;
    for (int k = 0; k < SIZES.length; k++) {
      for (int i = 0; i < SIZES[k]; i++) {
        labels[at++] = k;
      }
    }
    return labels;
  }

  private static Matrix rows() {
    Random random = new Random(8);
    double[] values = new double[74 * WIDTH];
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextGaussian();
    }
    return Matrix.of(74, WIDTH, values);
  }
}
