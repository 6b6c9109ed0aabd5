package io.github.rankfold.training;

/** The rates of each step of a planned training; steps count from 1. */
record StepRates(TrainingConfig config, long plannedSteps) {
  /** The schedule's rate. */
  double rate(long step) {
    double progress = (double) (step - 1) / plannedSteps;
    return config.learningRate() * config.schedule().factor(progress);
  }

  /** The rate to feed the optimizer. */
  double stepRate(long step) {
    return config.optimizer().stepRate(rate(step), step);
  }
}
