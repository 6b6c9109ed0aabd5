package io.github.rankfold.training;

import org.tensorflow.Operand;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

/** The optimizer's step together with the penalty, on one variable. */
record UpdateRule(Optimizer optimizer, WeightDecay weightDecay) {
  /**
   * Adds the update. {@code lambda w} is added by hand: differentiating {@code lambda/2 sum w^2} as
   * part of the loss costs more operations for the same numbers.
   *
   * @param value the variable's value before the step, W
   * @param gradient of the data loss with respect to W, G
   * @param stepRate from {@link Optimizer#stepRate}
   * @param rate the schedule's own, for decoupled decay
   * @return done when the variable has its new value
   */
  Op update(
      Ops tf,
      TrainedVariables.Variable variable,
      Operand<TFloat32> value,
      Operand<TFloat32> gradient,
      Operand<TFloat32> stepRate,
      Operand<TFloat32> rate) {
    float lambda = (float) variable.part().lambda();
    if (lambda == 0) {
      return optimizer.update(tf, variable.handle(), variable.slots(), gradient, stepRate);
    }
    if (weightDecay == WeightDecay.IN_LOSS) {
      Operand<TFloat32> penalized = tf.math.add(gradient, tf.math.mul(value, tf.constant(lambda)));
      return optimizer.update(tf, variable.handle(), variable.slots(), penalized, stepRate);
    }
    Op decayed =
        tf.train.resourceApplyGradientDescent(
            variable.handle(), tf.math.mul(rate, tf.constant(lambda)), value);
    return optimizer.update(
        tf.withControlDependencies(decayed),
        variable.handle(),
        variable.slots(),
        gradient,
        stepRate);
  }
}
