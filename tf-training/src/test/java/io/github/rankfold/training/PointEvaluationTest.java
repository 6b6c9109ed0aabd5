package io.github.rankfold.training;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.rankfold.models.data.Digits;
import io.github.rankfold.models.data.LabeledData;
import io.github.rankfold.models.network.NetworkSpec;
import io.github.rankfold.models.network.NetworkWeights;
import java.util.List;
import org.junit.jupiter.api.Test;

class PointEvaluationTest {
  @Test
  void everyPointHasItsOwnObjective() {
    LabeledData data = Digits.load().train().head(300);
    NetworkSpec spec = NetworkSpec.mlp(64, 12, 10);
    TrainingConfig config = TrainingConfig.defaults().withL2(1e-2);
    List<NetworkWeights> points =
        List.of(NetworkWeights.initial(spec, 1), NetworkWeights.initial(spec, 2));
    List<PointEvaluation> found = PointEvaluation.of(spec, points, data, config);
    for (int i = 0; i < points.size(); i++) {
      double expected = Trainer.objective(spec, points.get(i), data, config);
      assertEquals(expected, found.get(i).objective(), 1e-6);
      assertEquals(
          expected - config.l2().of(points.get(i)), found.get(i).loss(), 1e-6, "loss alone");
    }
  }
}
