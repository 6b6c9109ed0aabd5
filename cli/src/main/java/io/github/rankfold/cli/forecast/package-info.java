/**
 * Spectra before training: {@link io.github.rankfold.cli.forecast.ForecastStage} plugs points,
 * training and spectra together, which know nothing of each other.
 */
@NullMarked
package io.github.rankfold.cli.forecast;

import org.jspecify.annotations.NullMarked;
