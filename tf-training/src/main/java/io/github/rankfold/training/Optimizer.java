package io.github.rankfold.training;

import io.github.rankfold.models.InvalidInputException;
import java.util.List;
import org.tensorflow.Operand;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.train.ResourceApplyAdam;
import org.tensorflow.op.train.ResourceApplyKerasMomentum;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.family.TType;

/** A rule that turns gradients into steps. {@code g}: gradient, {@code eta}: the step's rate. */
public sealed interface Optimizer {
  /** How many arrays of state, shaped as the variable and 0 at the start, it keeps of each. */
  int slots();

  /**
   * The rate to feed for step {@code step} (from 1), given the schedule's rate. A bias correction
   * that is the same for all variables goes in here, so that the graph need not compute it.
   */
  double stepRate(double rate, long step);

  /**
   * Adds the operation that updates one variable in place.
   *
   * @param variable resource handle
   * @param slots its {@link #slots()} resource handles
   * @param gradient of the variable's shape
   * @param stepRate scalar, from {@link #stepRate}
   */
  Op update(
      Ops tf,
      Operand<? extends TType> variable,
      List<? extends Operand<? extends TType>> slots,
      Operand<TFloat32> gradient,
      Operand<TFloat32> stepRate);

  /** The name in settings and manifests, which {@link #parse} reads. */
  String text();

  /** Reads {@code sgd}, {@code momentum}, {@code nesterov} or {@code adam}, usual constants. */
  static Optimizer parse(String text) {
    return switch (text) {
      case "sgd" -> new Sgd(0, false);
      case "momentum" -> new Sgd(0.9, false);
      case "nesterov" -> new Sgd(0.9, true);
      case "adam" -> new Adam();
      default ->
          throw new InvalidInputException(
              "optimizer: expected sgd, momentum, nesterov or adam, found \"" + text + "\"");
    };
  }

  /**
   * Stochastic gradient descent as Keras does it: {@code v <- momentum v - eta g}, then {@code w <-
   * w + v}, or with Nesterov {@code w <- w + momentum v - eta g}.
   *
   * @param momentum in [0, 1)
   */
  record Sgd(double momentum, boolean nesterov) implements Optimizer {
    public Sgd {
      if (!(momentum >= 0 && momentum < 1)) {
        throw new IllegalArgumentException("momentum must be in [0, 1), was " + momentum);
      }
      if (nesterov && momentum == 0) {
        throw new IllegalArgumentException("nesterov needs a momentum > 0, was 0");
      }
    }

    @Override
    public int slots() {
      return momentum == 0 ? 0 : 1;
    }

    @Override
    public double stepRate(double rate, long step) {
      return rate;
    }

    @Override
    public Op update(
        Ops tf,
        Operand<? extends TType> variable,
        List<? extends Operand<? extends TType>> slots,
        Operand<TFloat32> gradient,
        Operand<TFloat32> stepRate) {
      if (slots.isEmpty()) {
        return tf.train.resourceApplyGradientDescent(variable, stepRate, gradient);
      }
      return tf.train.resourceApplyKerasMomentum(
          variable,
          slots.get(0),
          stepRate,
          gradient,
          tf.constant((float) momentum),
          ResourceApplyKerasMomentum.useLocking(false),
          ResourceApplyKerasMomentum.useNesterov(nesterov));
    }

    @Override
    public String text() {
      return momentum == 0 ? "sgd" : nesterov ? "nesterov" : "momentum";
    }
  }

  /**
   * Adam: {@code m <- beta1 m + (1 - beta1) g}, {@code v <- beta2 v + (1 - beta2) g^2}, {@code w <-
   * w - eta c_t m / (sqrt(v) + epsilon)} with {@code c_t = sqrt(1 - beta2^t) / (1 - beta1^t)}.
   * Kingma, Ba 2014, arXiv 1412.6980; epsilon as in TensorFlow and Keras, "epsilon hat" there.
   */
  record Adam(double beta1, double beta2, double epsilon) implements Optimizer {
    public Adam {
      if (!(beta1 >= 0 && beta1 < 1)) {
        throw new IllegalArgumentException("beta1 must be in [0, 1), was " + beta1);
      }
      if (!(beta2 >= 0 && beta2 < 1)) {
        throw new IllegalArgumentException("beta2 must be in [0, 1), was " + beta2);
      }
      if (!(epsilon > 0)) {
        throw new IllegalArgumentException("epsilon must be > 0, was " + epsilon);
      }
    }

    /** The paper's constants, with Keras's epsilon of 1e-7. */
    public Adam() {
      this(0.9, 0.999, 1e-7);
    }

    @Override
    public int slots() {
      return 2;
    }

    @Override
    public double stepRate(double rate, long step) {
      return rate
          * Math.sqrt(1 - Math.pow(beta2, (double) step))
          / (1 - Math.pow(beta1, (double) step));
    }

    @Override
    public Op update(
        Ops tf,
        Operand<? extends TType> variable,
        List<? extends Operand<? extends TType>> slots,
        Operand<TFloat32> gradient,
        Operand<TFloat32> stepRate) {
      // The correction c_t is in the rate already: powers of 0 switch the operation's own off.
      return tf.train.resourceApplyAdam(
          variable,
          slots.get(0),
          slots.get(1),
          tf.constant(0f),
          tf.constant(0f),
          stepRate,
          tf.constant((float) beta1),
          tf.constant((float) beta2),
          tf.constant((float) epsilon),
          gradient,
          ResourceApplyAdam.useLocking(false));
    }

    @Override
    public String text() {
      return "adam";
    }
  }
}
