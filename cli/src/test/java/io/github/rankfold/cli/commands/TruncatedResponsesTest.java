package io.github.rankfold.cli.commands;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.rankfold.cli.forecast.ForecastStage;
import io.github.rankfold.collapse.linalg.Precision;
import io.github.rankfold.collapse.linalg.RankTolerance;
import io.github.rankfold.collapse.linalg.Svd;
import io.github.rankfold.compression.RankRule;
import io.github.rankfold.models.network.NetworkSpec;
import io.github.rankfold.models.network.NetworkWeights;
import io.github.rankfold.training.EpochListener.Response;
import io.github.rankfold.training.EpochSummary;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

/** Truncation beside a listener that ends the training, or changes its weights itself. */
class TruncatedResponsesTest {
  private static final NetworkSpec SPEC = NetworkSpec.mlp(8, 4, 6);
  private static final NetworkWeights WEIGHTS = NetworkWeights.initial(SPEC, 1);
  private static final NetworkWeights OTHERS = NetworkWeights.initial(SPEC, 2);

  private static TruncatedTraining answering(Response inner) {
    return new TruncatedTraining(SPEC, new RankRule.Fixed(2), 3, (summary, weights) -> inner);
  }

  private static EpochSummary epoch(int number) {
    OptionalDouble none = OptionalDouble.empty();
    return new EpochSummary(number, 1, 1, 1, none, none, none, 1);
  }

  private static void assertTruncated(NetworkWeights weights) {
    SPEC.layers()
        .forEach(
            layer ->
                assertEquals(
                    2,
                    Svd.of(ForecastStage.kernel(weights, layer), Precision.FLOAT64)
                        .spectrum()
                        .rank(RankTolerance.relative(1e-5)),
                    layer.name()));
  }

  @Test
  void aTrainingThatIsStoppedEndsWithTheTruncatedWeights() {
    TruncatedTraining truncation = answering(new Response.Stop());
    assertInstanceOf(Response.Stop.class, truncation.epochEnded(epoch(3), () -> WEIGHTS));
    assertTruncated(truncation.trainingEnded(3, () -> WEIGHTS).orElseThrow());
    assertEquals(SPEC.layers().size(), truncation.table().rows().size(), "truncated once");
  }

  @Test
  void oneThatGoesOnTakesThemOver() {
    TruncatedTraining truncation = answering(new Response.Continue());
    Response response = truncation.epochEnded(epoch(3), () -> WEIGHTS);
    assertTruncated(assertInstanceOf(Response.Replace.class, response).weights());
    assertEquals(Optional.empty(), truncation.trainingEnded(3, () -> WEIGHTS));
  }

  @Test
  void weightsThatTheListenerGaveAreTruncatedAtTheEnd() {
    TruncatedTraining truncation = answering(new Response.Replace(OTHERS));
    assertTrue(truncation.epochEnded(epoch(3), () -> WEIGHTS) instanceof Response.Replace);
    assertTruncated(truncation.trainingEnded(3, () -> OTHERS).orElseThrow());
  }
}
