package io.github.rankfold.compression.factors;

import static io.github.rankfold.compression.DenseLayers.gaussian;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.rankfold.collapse.linalg.Matrix;
import io.github.rankfold.collapse.probe.KernelMoments;
import io.github.rankfold.collapse.statistics.SecondMoments;
import io.github.rankfold.compression.DenseLayers;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class KernelApproximationsTest {
  private static final int SAMPLES = 60;

  /** Rows whose columns have very different sizes and a mean: what whitening is for. */
  private static Matrix inputs(int width, long seed) {
    double[] sizes = new double[width];
    for (int i = 0; i < width; i++) {
      sizes[i] = Math.pow(10, -2.0 * i / width);
    }
    Matrix varied = gaussian(SAMPLES, width, seed).transpose().rowsScaled(sizes).transpose();
    Matrix ones = Matrix.of(SAMPLES, 1, filled(SAMPLES));
    return varied.plus(ones.times(gaussian(1, width, seed + 1)));
  }

  private static double[] filled(int count) {
    double[] ones = new double[count];
    java.util.Arrays.fill(ones, 1);
    return ones;
  }

  private static Matrix centred(Matrix rows) {
    Matrix ones = Matrix.of(rows.rows(), 1, filled(rows.rows()));
    return rows.plusScaled(-1.0 / rows.rows(), ones.times(ones.transposedTimes(rows)));
  }

  private static SecondMoments moments(Matrix rows) {
    Matrix ones = Matrix.of(rows.rows(), 1, filled(rows.rows()));
    Matrix mean = ones.transposedTimes(rows).scaled(1.0 / rows.rows());
    Matrix around = centred(rows);
    SecondMoments moments = new SecondMoments(rows.cols());
    moments.add(rows.rows(), mean.toDoubles(), around.transposedTimes(around).toDoubles());
    return moments;
  }

  private static KernelMoments known(Matrix rows, Matrix derivatives) {
    Matrix sensitivity = derivatives.transposedTimes(derivatives).scaled(1.0 / derivatives.rows());
    return new KernelMoments(
        Optional.of(moments(rows)), Optional.empty(), Optional.of(sensitivity));
  }

  private static Matrix product(Factorization factors) {
    return factors.left().times(factors.right());
  }

  private static KernelApproximations approximations(
      Matrix kernel, Matrix rows, Weighting weighting, boolean shifts, long seed) {
    return KernelApproximations.of(
        DenseLayers.of("dense", kernel.rows(), kernel.cols()),
        kernel,
        known(rows, gaussian(40, kernel.cols(), seed)),
        weighting,
        shifts);
  }

  @ParameterizedTest
  @EnumSource(Weighting.class)
  void fullRankIsTheKernel(Weighting weighting) {
    for (int[] shape : new int[][] {{8, 5}, {5, 8}, {6, 6}, {1, 4}, {4, 1}}) {
      Matrix kernel = gaussian(shape[0], shape[1], 5);
      for (boolean shifts : new boolean[] {false, true}) {
        KernelApproximations all =
            approximations(kernel, inputs(shape[0], 6), weighting, shifts, 7);
        int full = Math.min(shape[0], shape[1]);
        assertEquals(full, all.spectrum().size());
        double error = kernel.minus(product(all.at(full))).frobeniusNorm();
        assertTrue(error <= 1e-10 * kernel.frobeniusNorm(), () -> "error " + error);
      }
    }
  }

  @ParameterizedTest(name = "{0}x{1}, shifted: {2}")
  @CsvSource({"12, 9, false", "12, 9, true", "9, 12, false", "9, 12, true", "10, 10, true"})
  void noOtherTruncationIsNearerOnTheInputs(int rows, int cols, boolean shifts) {
    for (long seed = 0; seed < 10; seed++) {
      Matrix kernel = gaussian(rows, cols, seed);
      Matrix samples = inputs(rows, seed + 100);
      Matrix counted = shifts ? centred(samples) : samples;
      KernelApproximations best = approximations(kernel, samples, Weighting.INPUTS, shifts, seed);
      KernelApproximations plain =
          KernelApproximations.of(DenseLayers.of("dense", rows, cols), kernel);
      for (int rank = 1; rank < Math.min(rows, cols); rank++) {
        double weighted = lost(counted, kernel, best.at(rank));
        double unweighted = lost(counted, kernel, plain.at(rank));
        int at = rank;
        assertTrue(
            weighted <= unweighted * (1 + 1e-3), // the damping's share
            () -> "rank %d: %s, plain %s".formatted(at, weighted, unweighted));
        // ||Z (W - W')||^2 / N and the damping's part make up the discarded values.
        double discarded = best.spectrum().tailEnergy(rank);
        Matrix moment = counted.transposedTimes(counted).scaled(1.0 / SAMPLES);
        double trace = 0;
        for (int i = 0; i < rows; i++) {
          trace += moment.get(i, i);
        }
        double whole = kernel.minus(product(best.at(rank))).frobeniusNorm();
        double damped = 1e-4 * trace / rows * whole * whole;
        assertEquals(discarded, weighted * weighted / SAMPLES + damped, 1e-9 * discarded);
      }
    }
  }

  private static double lost(Matrix rows, Matrix kernel, Factorization factors) {
    return rows.times(kernel.minus(product(factors))).frobeniusNorm();
  }

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void outputsThatDependOnTheLayerInOneDirectionAreKeptBest(long seed) {
    Matrix kernel = gaussian(12, 9, seed);
    Matrix samples = inputs(12, seed + 10);
    Matrix direction = gaussian(1, 9, seed + 20).scaled(10);
    KernelMoments known = known(samples, direction);
    KernelApproximations aware =
        KernelApproximations.of(
            DenseLayers.of("dense", 12, 9), kernel, known, Weighting.OUTPUTS, false);
    KernelApproximations unaware =
        KernelApproximations.of(
            DenseLayers.of("dense", 12, 9), kernel, known, Weighting.INPUTS, false);
    for (int rank = 1; rank < 9; rank++) {
      double ofAware = along(samples, kernel, aware.at(rank), direction);
      double ofUnaware = along(samples, kernel, unaware.at(rank), direction);
      assertTrue(ofAware < ofUnaware, () -> ofAware + " against " + ofUnaware);
    }
  }

  private static double along(Matrix rows, Matrix kernel, Factorization factors, Matrix direction) {
    return rows.times(kernel.minus(product(factors))).timesTransposed(direction).frobeniusNorm();
  }

  @Test
  void theLostMeanIsThatOfTheOutputs() {
    Matrix kernel = gaussian(12, 9, 1);
    Matrix samples = inputs(12, 2);
    KernelApproximations all = approximations(kernel, samples, Weighting.INPUTS, true, 3);
    Factorization factors = all.at(4);
    Matrix change = samples.times(kernel.minus(product(factors)));
    Matrix ones = Matrix.of(1, SAMPLES, filled(SAMPLES));
    Matrix mean = ones.times(change).scaled(1.0 / SAMPLES);
    double error = mean.minus(all.lostMean(factors).orElseThrow()).frobeniusNorm();
    assertTrue(error <= 1e-12 * mean.frobeniusNorm(), () -> "error " + error);
    assertTrue(approximations(kernel, samples, Weighting.INPUTS, false, 3).mean().isEmpty());
    assertTrue(approximations(kernel, samples, Weighting.NONE, true, 3).mean().isEmpty());
  }

  @Test
  void wordsThatAreNeverLookedUpGiveWay() {
    Matrix table = gaussian(10, 6, 1);
    double[] counts = {1, 1, 1, 0, 0, 0, 0, 0, 0, 0};
    KernelApproximations weighted =
        KernelApproximations.of(
            DenseLayers.of("embedding", 10, 6),
            table,
            new KernelMoments(
                Optional.empty(), Optional.of(Matrix.of(1, 10, counts)), Optional.empty()),
            Weighting.INPUTS,
            true);
    Matrix error = table.minus(product(weighted.at(3)));
    double ofMet = error.leadingRows(3).frobeniusNorm();
    // Three rows have rank three: all that is left is what the damping asks for the others.
    assertTrue(ofMet <= 1e-2 * table.leadingRows(3).frobeniusNorm(), () -> "error " + ofMet);
  }

  @Test
  void inputsThatAreAllZeroCostNothingAndBreakNothing() {
    Matrix kernel = gaussian(5, 4, 1);
    KernelApproximations all =
        approximations(kernel, Matrix.zeros(SAMPLES, 5), Weighting.OUTPUTS, true, 2);
    double error = kernel.minus(product(all.at(4))).frobeniusNorm();
    assertTrue(error <= 1e-10, () -> "error " + error);
  }
}
