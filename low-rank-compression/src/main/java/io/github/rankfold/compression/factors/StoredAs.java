package io.github.rankfold.compression.factors;

/**
 * How the weights of a layer are stored where that takes fewer bits than it computes with.
 *
 * @param format of the weights
 * @param scales how many numbers stand beside them, in the layer's own type
 */
public record StoredAs(WeightFormat format, long scales) {}
