package io.github.rankfold.collapse.probe;

/**
 * What could not be measured, and why.
 *
 * @param layer the layer, or {@link CollapseAnalysis#OUTPUT}
 * @param about what is missing: {@code collapse}, {@code certificate}, or a column's name
 * @param because one clause that a user can understand
 */
public record AnalysisNote(String layer, String about, String because) {}
