package io.github.rankfold.collapse.statistics;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.rankfold.collapse.SmallNet;
import io.github.rankfold.collapse.linalg.Matrix;
import io.github.rankfold.models.InvalidInputException;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ClassMomentsTest {
  private static final int WIDTH = 7;
  private static final int CLASSES = 3;

  /** Rounding of a few hundred additions. */
  private static final double SLACK = 1e-13;

  private final Random random = new Random(11);

  /** Data around one mean per class; {@code offset} moves all of it. */
  private double[] values(int samples, int[] labels, double offset, double spread) {
    double[] values = new double[samples * WIDTH];
    for (int i = 0; i < values.length; i++) {
      double mean = offset * (1 + 0.1 * labels[i / WIDTH] + i % WIDTH);
      values[i] = mean + spread * random.nextGaussian();
    }
    return values;
  }

  private int[] labels(int samples) {
    int[] labels = new int[samples];
    for (int i = 0; i < samples; i++) {
      labels[i] = i < CLASSES ? i : random.nextInt(CLASSES);
    }
    return labels;
  }

  private static ClusterStatistics statistics(double[] values, int[] labels) {
    ClassMoments moments = new ClassMoments(WIDTH, CLASSES);
    moments.add(FeatureBatch.of(WIDTH, values), labels);
    return moments.statistics();
  }

  private static void assertSame(ClusterStatistics expected, ClusterStatistics actual) {
    assertEquals(expected.samples(), actual.samples());
    double scale = expected.means().frobeniusNorm();
    assertArrayEquals(expected.means().toDoubles(), actual.means().toDoubles(), SLACK * scale);
    assertArrayEquals(expected.mean(), actual.mean(), SLACK * scale);
    assertArrayEquals(expected.meanOfMeans(), actual.meanOfMeans(), SLACK * scale);
    for (int k = 0; k < CLASSES; k++) {
      assertEquals(expected.count(k), actual.count(k));
      assertEquals(expected.variation(k), actual.variation(k), SLACK * expected.variation(k));
    }
    assertEquals(expected.tcv(), actual.tcv(), SLACK * expected.tcv());
    assertEquals(
        expected.totalVariation(), actual.totalVariation(), SLACK * expected.totalVariation());
  }

  @ParameterizedTest(name = "split after {0} of 200")
  @ValueSource(ints = {0, 1, 2, 57, 100, 199, 200}) // also parts that lack a class
  void mergedMomentsEqualMomentsOfTheUnion(int split) {
    int[] labels = labels(200);
    FeatureBatch batch = FeatureBatch.of(WIDTH, values(200, labels, 1, 1));
    ClassMoments whole = new ClassMoments(WIDTH, CLASSES);
    whole.add(batch, labels);
    ClassMoments head = new ClassMoments(WIDTH, CLASSES);
    head.add(batch, labels, 0, split);
    ClassMoments tail = new ClassMoments(WIDTH, CLASSES);
    tail.add(batch, labels, split, 200);
    ClassMoments tailFirst = new ClassMoments(WIDTH, CLASSES);
    tailFirst.merge(tail);
    tailFirst.merge(head);
    head.merge(tail);
    assertSame(whole.statistics(), head.statistics());
    assertSame(whole.statistics(), tailFirst.statistics());
  }

  @Test
  void anyGroupingOfManyPartsGivesTheSame() {
    int[] labels = labels(300);
    FeatureBatch batch = FeatureBatch.of(WIDTH, values(300, labels, 1, 1));
    ClassMoments leftToRight = new ClassMoments(WIDTH, CLASSES);
    ClassMoments odd = new ClassMoments(WIDTH, CLASSES);
    ClassMoments even = new ClassMoments(WIDTH, CLASSES);
    for (int start = 0; start < 300; start += 10) {
      ClassMoments part = new ClassMoments(WIDTH, CLASSES);
      part.add(batch, labels, start, start + 10);
      leftToRight.merge(part);
      (start % 20 == 0 ? even : odd).merge(part);
    }
    even.merge(odd);
    assertSame(leftToRight.statistics(), even.statistics());
  }

  @Test
  void mergingLeavesTheOtherAsItWas() {
    int[] labels = labels(30);
    FeatureBatch batch = FeatureBatch.of(WIDTH, values(30, labels, 1, 1));
    ClassMoments other = new ClassMoments(WIDTH, CLASSES);
    other.add(batch, labels);
    ClusterStatistics before = other.statistics();
    ClassMoments into = new ClassMoments(WIDTH, CLASSES);
    into.merge(other);
    into.add(batch, labels);
    assertArrayEquals(
        before.means().toDoubles(), other.statistics().means().toDoubles(), 0, "bit for bit");
    assertEquals(before.tcv(), other.statistics().tcv(), 0, "bit for bit");
  }

  @Test
  void parallelPartsGiveTheSameAndAlwaysTheSameBits() {
    int samples = 160_000; // enough values to be split
    int[] labels = labels(samples);
    float[] values = new float[samples * WIDTH];
    for (int i = 0; i < values.length; i++) {
      values[i] = labels[i / WIDTH] + (float) random.nextGaussian();
    }
    FeatureBatch batch = FeatureBatch.of(WIDTH, values);
    ClassMoments inOne = new ClassMoments(WIDTH, CLASSES);
    inOne.add(batch, labels);
    ClassMoments inParts = new ClassMoments(WIDTH, CLASSES);
    inParts.addInParallel(batch, labels);
    ClassMoments again = new ClassMoments(WIDTH, CLASSES);
    again.addInParallel(batch, labels);
    ClusterStatistics expected = inOne.statistics();
    ClusterStatistics actual = inParts.statistics();
    assertEquals(expected.tcv(), actual.tcv(), 1e-11 * expected.tcv());
    assertArrayEquals(expected.means().toDoubles(), actual.means().toDoubles(), 1e-12);
    assertArrayEquals(
        actual.means().toDoubles(), again.statistics().means().toDoubles(), 0, "bit for bit");
    assertEquals(actual.tcv(), again.statistics().tcv(), 0, "bit for bit");

    WithinProjections one = new WithinProjections(expected);
    one.add(batch, labels, labels);
    WithinProjections parts = one.another();
    parts.addInParallel(batch, labels, labels);
    assertEquals(one.mismatches(), parts.mismatches());
    assertEquals(one.within(0), parts.within(0), 1e-11 * one.within(0));
  }

  /** So wide that columns are cut instead of rows; over two batches, some classes only in one. */
  @Test
  void wideRowsGiveTheSameByColumns() {
    int width = 20_000;
    int rows = 70;
    int[] first = new int[rows];
    int[] second = new int[rows];
    for (int i = 0; i < rows; i++) {
      first[i] = i % 2;
      second[i] = i % 3;
    }
    FeatureBatch[] batches = new FeatureBatch[2];
    for (int b = 0; b < 2; b++) {
      float[] values = SmallNet.gaussian(random, rows, width).toFloats();
      for (int i = 0; i < rows; i++) {
        values[i * width] += 5f * (b == 0 ? first : second)[i];
      }
      batches[b] = FeatureBatch.of(width, values);
    }
    ClassMoments byRows = new ClassMoments(width, 3);
    ClassMoments byColumns = new ClassMoments(width, 3);
    for (int b = 0; b < 2; b++) {
      byRows.add(batches[b], b == 0 ? first : second);
      byColumns.addInParallel(batches[b], b == 0 ? first : second);
    }
    ClusterStatistics expected = byRows.statistics();
    ClusterStatistics actual = byColumns.statistics();
    assertEquals(2L * rows, actual.samples());
    assertArrayEquals(expected.means().toDoubles(), actual.means().toDoubles(), 1e-13);
    for (int k = 0; k < 3; k++) {
      assertEquals(expected.count(k), actual.count(k));
      assertEquals(expected.variation(k), actual.variation(k), 1e-12 * expected.variation(k));
    }
    WithinProjections one = new WithinProjections(expected);
    WithinProjections tiles = one.another();
    for (int b = 0; b < 2; b++) {
      int[] labels = b == 0 ? first : second;
      one.add(batches[b], labels, second);
      tiles.addInParallel(batches[b], labels, second);
    }
    assertEquals(one.samples(), tiles.samples());
    assertEquals(one.mismatches(), tiles.mismatches());
    assertTrue(one.mismatches() > 0, "predictions of the other batch are wrong");
    for (int j = 0; j < one.dimension(); j++) {
      assertEquals(one.within(j), tiles.within(j), 1e-11 * one.within(j));
    }

    float[] bad = new float[2 * width];
    bad[width + 17_000] = Float.NaN;
    assertEquals(
        "sample 141: label 3 is not in 0..2",
        assertThrows(
                InvalidInputException.class,
                () -> byColumns.addInParallel(FeatureBatch.of(width, bad), new int[] {0, 3}))
            .getMessage());
    assertEquals(
        "sample 141: feature 17000 is NaN, expected a finite value",
        assertThrows(
                InvalidInputException.class,
                () -> byColumns.addInParallel(FeatureBatch.of(width, bad), new int[2]))
            .getMessage());
  }

  /** A mean of 1e6 and a spread of 1e-3: E[zz^T] - mu mu^T would be all noise. */
  @ParameterizedTest(name = "means {0}, spread {1}")
  @CsvSource({"1, 1", "1, 1e-6", "1e6, 1e-3", "1e8, 1e-3"})
  void nearCollapseNothingCancels(double offset, double spread) {
    int[] labels = labels(300);
    double[] values = values(300, labels, offset, spread);
    double exact = exactTcv(values, labels);
    // The data itself is only known to half an ulp, but the sums are of what was given:
    // a mean wrong by its own rounding shifts TCV by the square of that.
    double meanRounding = 20 * offset * 10 * 0x1p-53;
    double slack = 1e-13 * exact + meanRounding * (meanRounding + 1e-2 * spread) * WIDTH;
    assertEquals(exact, statistics(values, labels).tcv(), slack);
  }

  private static double exactTcv(double[] values, int[] labels) {
    BigDecimal total = BigDecimal.ZERO;
    for (int k = 0; k < CLASSES; k++) {
      for (int j = 0; j < WIDTH; j++) {
        BigDecimal sum = BigDecimal.ZERO;
        int count = 0;
        for (int i = 0; i < labels.length; i++) {
          if (labels[i] == k) {
            sum = sum.add(new BigDecimal(values[i * WIDTH + j]));
            count++;
          }
        }
        BigDecimal mean = sum.divide(new BigDecimal(count), new MathContext(60));
        for (int i = 0; i < labels.length; i++) {
          if (labels[i] == k) {
            BigDecimal difference = new BigDecimal(values[i * WIDTH + j]).subtract(mean);
            total = total.add(difference.multiply(difference));
          }
        }
      }
    }
    return total.doubleValue() / labels.length;
  }

  @Test
  void totalVariationIsThatOfOneCluster() {
    int[] labels = labels(100);
    double[] values = values(100, labels, 1, 1);
    ClassMoments one = new ClassMoments(WIDTH, 1);
    one.add(FeatureBatch.of(WIDTH, values), new int[100]);
    double total = one.statistics().tcv();
    assertEquals(total, statistics(values, labels).totalVariation(), SLACK * total);
  }

  @Test
  void wideFeaturesNeedNoSquareMatrix() {
    int width = 100_000;
    Matrix samples = SmallNet.gaussian(random, 6, width);
    FeatureBatch batch = FeatureBatch.of(width, samples.toFloats());
    int[] labels = {0, 0, 0, 1, 1, 1};
    ClassMoments moments = new ClassMoments(width, 2);
    moments.addInParallel(batch, labels);
    WithinProjections projections = new WithinProjections(moments.statistics());
    projections.addInParallel(batch, labels, labels);
    assertEquals(1, projections.dimension());
    assertEquals(0, projections.mismatches());
  }

  @Test
  void emptyClassIsNamed() {
    ClassMoments moments = new ClassMoments(2, 3);
    moments.add(FeatureBatch.of(2, new float[] {1, 2, 3, 4}), new int[] {0, 2});
    assertEquals(
        "class 1 has no samples (3 classes, numbered from 0, and 2 samples)",
        assertThrows(InvalidInputException.class, moments::statistics).getMessage());
  }

  @ParameterizedTest
  @ValueSource(doubles = {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY})
  void nonFiniteFeatureIsNamedByItsSample(double value) {
    ClassMoments moments = new ClassMoments(2, 2);
    moments.add(FeatureBatch.of(2, new double[] {1, 2, 3, 4}), new int[] {0, 1});
    FeatureBatch bad = FeatureBatch.of(2, new double[] {5, 6, 7, value});
    assertEquals(
        "sample 3: feature 1 is " + value + ", expected a finite value",
        assertThrows(InvalidInputException.class, () -> moments.add(bad, new int[] {0, 0}))
            .getMessage());
  }

  @Test
  void nonFiniteFirstSampleOfAClassIsNamedToo() {
    ClassMoments moments = new ClassMoments(1, 1);
    FeatureBatch bad = FeatureBatch.of(1, new float[] {Float.NaN});
    assertThrows(InvalidInputException.class, () -> moments.add(bad, new int[] {0}));
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 2})
  void labelOutOfRangeIsNamed(int label) {
    ClassMoments moments = new ClassMoments(1, 2);
    FeatureBatch batch = FeatureBatch.of(1, new float[] {1, 2});
    assertEquals(
        "sample 1: label " + label + " is not in 0..1",
        assertThrows(InvalidInputException.class, () -> moments.add(batch, new int[] {0, label}))
            .getMessage());
  }

  @Test
  void sizesThatDoNotFitAreNamed() {
    ClassMoments moments = new ClassMoments(2, 2);
    assertEquals(
        "expected features of width 2, found 3",
        assertThrows(
                IllegalArgumentException.class,
                () -> moments.add(FeatureBatch.of(3, new float[3]), new int[1]))
            .getMessage());
    assertEquals(
        "expected 2 labels for 2 samples, found 1",
        assertThrows(
                IllegalArgumentException.class,
                () -> moments.add(FeatureBatch.of(2, new float[4]), new int[1]))
            .getMessage());
    assertThrows(IllegalArgumentException.class, () -> moments.merge(new ClassMoments(2, 3)));
  }
}
