package io.github.rankfold.compression;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.rankfold.collapse.linalg.Spectrum;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RankRuleTest {
  /** Squares 64, 16, 4, 1: 85 in all. */
  private static final Spectrum FOUR = Spectrum.ofValues(6, 4, 8, 4, 2, 1);

  private static final Spectrum ZERO = Spectrum.ofValues(3, 5, 0, 0, 0);
  private static final Spectrum ONE = Spectrum.ofValues(1, 9, 2);
  private static final Spectrum EQUAL = Spectrum.ofValues(3, 3, 5, 5, 5);

  private static RankRule rule(String text) {
    return RankRule.parse(text, OptionalInt.of(3));
  }

  @ParameterizedTest(name = "{0} keeps {1} of 8, 4, 2, 1")
  @CsvSource({
    "rank:1, 1",
    "rank:3, 3",
    "rank:4, 4",
    "rank:100, 4", // never more than there are
    "fraction:0.25, 1",
    "fraction:0.26, 2",
    "fraction:0.5, 2",
    "fraction:1, 4",
    "fraction:1e-9, 1", // never nothing
    "relative:0, 4",
    "relative:0.1, 4",
    "relative:0.2, 3",
    "relative:0.25, 2", // s_i > t s_1
    "relative:0.9, 1",
    "energy:0.75, 1",
    "energy:0.76, 2",
    "energy:0.94, 2",
    "energy:0.95, 3",
    "energy:0.99, 4",
    "energy:1, 4",
    "energy:1e-9, 1",
    "classes, 3",
    "classes:2, 2",
    "classes:9, 4",
    "classes-1, 2",
    "classes-1:4, 3",
    "classes-1:9, 4",
    "gavish-donoho, 1", // 2.3 times the median of 3
    "gavish-donoho:0.5, 2", // 2.1 sqrt(6)/2
    "marchenko-pastur, 1", // 2.1 times the median
    "marchenko-pastur:0.5, 2",
  })
  void rankOfEachRule(String rule, int rank) {
    assertEquals(rank, rule(rule).rankFor(FOUR));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "rank:2",
        "fraction:0.5",
        "relative:0.5",
        "energy:0.9",
        "classes:2",
        "classes-1:2",
        "gavish-donoho",
        "gavish-donoho:1",
        "marchenko-pastur",
        "marchenko-pastur:1"
      })
  void everyRuleKeepsAtLeastOneAndAtMostAll(String rule) {
    int rank = rule(rule).rankFor(ZERO);
    assertEquals(Math.max(1, Math.min(rank, 3)), rank);
    assertEquals(1, rule(rule).rankFor(ONE));
  }

  @ParameterizedTest
  @CsvSource({"relative:0.99, 3", "energy:0.3, 1", "energy:0.34, 2", "energy:0.7, 3"})
  void equalValues(String rule, int rank) {
    assertEquals(rank, rule(rule).rankFor(EQUAL));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "rank:20",
        "fraction:0.5",
        "relative:0.01",
        "energy:0.99",
        "classes",
        "classes-1",
        "gavish-donoho",
        "gavish-donoho:0.5",
        "marchenko-pastur",
        "marchenko-pastur:0.5"
      })
  void textIsReadBackAsTheSameRule(String text) {
    assertEquals(text, rule(text).text());
    assertEquals(rule(text), rule(rule(text).text()));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "rank:0",
        "rank:-1",
        "fraction:0",
        "fraction:1.1",
        "fraction:NaN",
        "relative:-0.1",
        "relative:1",
        "relative:NaN",
        "energy:0",
        "energy:2",
        "classes:1",
        "classes-1:1",
        "classes-2",
        "gavish-donoho:0",
        "gavish-donoho:NaN",
        "gavish-donoho:",
        "marchenko-pastur:-1",
        "marchenko-pastur:Infinity",
        "",
        "rank",
        "rank:",
        "rank:1.5",
        "ranks:3",
        "energy:much",
        "rank:99999999999"
      })
  void textsThatAreNoRule(String text) {
    assertThrows(IllegalArgumentException.class, () -> rule(text));
  }

  @Test
  void theRuleOfClassesNeedsAModelThatTellsThem() {
    assertEquals(
        "rule classes: expected a model whose output has a known width",
        assertThrows(
                IllegalArgumentException.class,
                () -> RankRule.parse("classes", OptionalInt.empty()))
            .getMessage());
    assertEquals(4, RankRule.parse("classes:7", OptionalInt.empty()).rankFor(FOUR));
  }
}
