/**
 * Training of L2-regularized networks with TensorFlow. Start with {@link
 * io.github.rankfold.training.Trainer}; {@link io.github.rankfold.training.TrainingConfig} says
 * how, {@link io.github.rankfold.training.TrainingRun} is what comes out, {@link
 * io.github.rankfold.training.EpochListener} is how others look in.
 */
@NullMarked
package io.github.rankfold.training;

import org.jspecify.annotations.NullMarked;
