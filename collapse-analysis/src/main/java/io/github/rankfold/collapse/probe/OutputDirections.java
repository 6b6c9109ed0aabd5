package io.github.rankfold.collapse.probe;

/**
 * How directions of a model's output are drawn: standard normal.
 *
 * @param shiftInvariant whether adding one number to all outputs of a sample changes nothing, as
 *     for the logits of a softmax; that direction is then left out
 * @param seed the same seed draws the same directions
 */
public record OutputDirections(boolean shiftInvariant, long seed) {}
