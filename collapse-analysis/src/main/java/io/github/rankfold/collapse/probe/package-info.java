/**
 * Streams a live model's features and gradients into statistics, spectra and certificates. Start
 * with {@link io.github.rankfold.collapse.probe.CollapseAnalysis}.
 */
@NullMarked
package io.github.rankfold.collapse.probe;

import org.jspecify.annotations.NullMarked;
