/**
 * Networks that Rankfold builds itself: {@link io.github.rankfold.models.network.NetworkSpec} says
 * which, {@link io.github.rankfold.models.network.NetworkWeights} holds the values of its
 * variables, and {@link io.github.rankfold.models.network.NetworkGraph} turns both into TensorFlow
 * operations. Start with {@code NetworkSpec}.
 */
@NullMarked
package io.github.rankfold.models.network;

import org.jspecify.annotations.NullMarked;
