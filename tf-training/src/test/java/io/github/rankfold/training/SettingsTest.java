package io.github.rankfold.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.rankfold.models.InvalidInputException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SettingsTest {
  private static final double EXACT = 1e-12;

  @Test
  void thePenaltyIsHalfLambdaTimesTheSquares() {
    L2Penalty kernels = new L2Penalty(0.1);
    assertEquals(0.1, kernels.lambdaOf("dense_1/kernel"));
    assertEquals(0, kernels.lambdaOf("dense_1/bias"));
    assertEquals(0.1, kernels.withBiases().lambdaOf("dense_1/bias"));
    assertEquals(0.05, kernels.withoutHalf());
  }

  @Test
  void aVariableMayHaveAMultipleOfLambda() {
    L2Penalty scaled = new L2Penalty(0.1).withFactors(Map.of("a/kernel", 3.0, "a/bias", 2.0));
    assertEquals(0.3, scaled.lambdaOf("a/kernel"), EXACT);
    assertEquals(0.1, scaled.lambdaOf("b/kernel"));
    assertEquals(0, scaled.lambdaOf("a/bias"), "not penalized at all");
    assertEquals(0.2, scaled.withBiases().lambdaOf("a/bias"), EXACT);
    for (double factor : new double[] {0, -1, Double.NaN, Double.POSITIVE_INFINITY}) {
      Map<String, Double> factors = Map.of("a/kernel", factor);
      assertThrows(IllegalArgumentException.class, () -> scaled.withFactors(factors));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"sgd", "momentum", "nesterov", "adam"})
  void optimizersReadBackTheirText(String text) {
    assertEquals(text, Optimizer.parse(text).text());
  }

  @ParameterizedTest
  @CsvSource({
    "constant, 0.9, 1",
    "cosine, 0, 1",
    "cosine, 0.5, 0.5",
    "cosine:0.2, 0.5, 0.6",
    "'step:0.5,1', 0.49, 1",
    "'step:0.5,1', 0.5, 0.5",
    "'step:0.1,3', 0.99, 0.001",
    "warmup:0.1:constant, 0.05, 0.5",
    "warmup:0.2:cosine, 0.6, 0.5"
  })
  void schedulesGiveTheirFactorAndReadBackTheirText(String text, double progress, double factor) {
    LearningRateSchedule schedule = LearningRateSchedule.parse(text);
    assertEquals(factor, schedule.factor(progress), EXACT);
    assertEquals(schedule, LearningRateSchedule.parse(schedule.text()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"linear", "cosine:x", "step:0.1", "warmup:0.1", "cosine:0.1:0.2", ""})
  void malformedSchedulesAreNamed(String text) {
    assertEquals(
        "schedule: expected constant, cosine, cosine:FLOOR, step, step:FACTOR,DROPS or"
            + " warmup:SHARE:SCHEDULE, found \""
            + text
            + "\"",
        assertThrows(InvalidInputException.class, () -> LearningRateSchedule.parse(text))
            .getMessage());
  }

  @Test
  void valuesOutOfRangeAreNamed() {
    assertEquals(
        "schedule \"cosine:2\": floor must be in [0, 1], was 2.0",
        assertThrows(InvalidInputException.class, () -> LearningRateSchedule.parse("cosine:2"))
            .getMessage());
    assertEquals(
        "optimizer: expected sgd, momentum, nesterov or adam, found \"lion\"",
        assertThrows(InvalidInputException.class, () -> Optimizer.parse("lion")).getMessage());
    assertEquals(
        "momentum must be in [0, 1), was 1.0",
        assertThrows(IllegalArgumentException.class, () -> new Optimizer.Sgd(1, false))
            .getMessage());
  }
}
