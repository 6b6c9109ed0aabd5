package io.github.rankfold.collapse.statistics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.rankfold.collapse.linalg.Matrix;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SecondMomentsTest {
  private static final int WIDTH = 3;

  private static double[][] rows(int count, double offset) {
    Random random = new Random(count);
    double[][] rows = new double[count][WIDTH];
    for (double[] row : rows) {
      double shared = random.nextGaussian();
      for (int j = 0; j < WIDTH; j++) {
        row[j] = offset + shared + (j + 1) * random.nextGaussian();
      }
    }
    return rows;
  }

  private static double[] mean(double[][] rows, int from, int to) {
    double[] mean = new double[WIDTH];
    for (int i = from; i < to; i++) {
      for (int j = 0; j < WIDTH; j++) {
        mean[j] += rows[i][j] / (to - from);
      }
    }
    return mean;
  }

  /** By the definition: a sum over all pairs of entries of every row. */
  private static double[] scatter(double[][] rows, int from, int to, double[] around) {
    double[] scatter = new double[WIDTH * WIDTH];
    for (int i = from; i < to; i++) {
      for (int j = 0; j < WIDTH; j++) {
        for (int k = 0; k < WIDTH; k++) {
          scatter[j * WIDTH + k] += (rows[i][j] - around[j]) * (rows[i][k] - around[k]);
        }
      }
    }
    return scatter;
  }

  private static SecondMoments inParts(double[][] rows, int part) {
    SecondMoments moments = new SecondMoments(WIDTH);
    for (int from = 0; from < rows.length; from += part) {
      int to = Math.min(from + part, rows.length);
      double[] mean = mean(rows, from, to);
      moments.add(to - from, mean, scatter(rows, from, to, mean));
    }
    return moments;
  }

  @ParameterizedTest(name = "{0} rows around {2} in parts of {1}")
  @CsvSource({"1, 1, 0", "50, 50, 0", "50, 1, 0", "50, 7, 2", "50, 7, 1e6", "200, 64, -1e6"})
  void mergedPartsAreTheWhole(int count, int part, double offset) {
    double[][] rows = rows(count, offset);
    SecondMoments moments = inParts(rows, part);
    double[] mean = mean(rows, 0, count);
    double[] centred = scatter(rows, 0, count, mean);
    double[] raw = scatter(rows, 0, count, new double[WIDTH]);
    assertEquals(count, moments.count());
    assertEquals(WIDTH, moments.width());
    // Rounding of the values themselves; the squares of the offset would cost 1e12 times epsilon.
    double slack = 1e-12 * (1 + Math.abs(offset));
    for (int j = 0; j < WIDTH; j++) {
      assertEquals(mean[j], moments.mean().get(0, j), slack);
      for (int k = 0; k < WIDTH; k++) {
        int at = j * WIDTH + k;
        assertEquals(centred[at] / count, moments.covariance().get(j, k), 100 * slack);
        assertEquals(
            raw[at] / count,
            moments.uncentred().get(j, k),
            1e-12 * (1 + Math.abs(raw[at] / count)));
      }
    }
  }

  @Test
  void ofNoRowsAllIsZero() {
    SecondMoments none = new SecondMoments(2);
    assertEquals(0, none.count());
    assertEquals(0, none.covariance().frobeniusNorm());
    assertEquals(0, none.uncentred().frobeniusNorm());
  }

  @Test
  void weightsCountAsRows() {
    SecondMoments weighted = new SecondMoments(1);
    weighted.add(0.25, new double[] {4}, new double[] {0});
    weighted.add(0.75, new double[] {0}, new double[] {0});
    assertEquals(1, weighted.mean().get(0, 0));
    assertEquals(3, weighted.covariance().get(0, 0)); // .25 9 + .75 1
    assertEquals(4, weighted.uncentred().get(0, 0));
  }

  @Test
  void partsOfAnotherWidthOrWithoutRowsAreRefused() {
    SecondMoments moments = new SecondMoments(2);
    assertThrows(
        IllegalArgumentException.class, () -> moments.add(1, new double[1], new double[4]));
    assertThrows(
        IllegalArgumentException.class, () -> moments.add(1, new double[2], new double[2]));
    assertThrows(
        IllegalArgumentException.class, () -> moments.add(0, new double[2], new double[4]));
    assertEquals(Matrix.zeros(1, 2).frobeniusNorm(), moments.mean().frobeniusNorm());
  }
}
