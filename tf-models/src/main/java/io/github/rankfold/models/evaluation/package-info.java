/**
 * How good a model is on labelled data. Start with {@link
 * io.github.rankfold.models.evaluation.Evaluator}.
 */
@NullMarked
package io.github.rankfold.models.evaluation;

import org.jspecify.annotations.NullMarked;
