/**
 * The goal {@code rankfold:run}: any command of Rankfold as a step of a Maven build. Start with
 * {@link io.github.rankfold.maven.RunGoal}.
 */
@NullMarked
package io.github.rankfold.maven;

import org.jspecify.annotations.NullMarked;
