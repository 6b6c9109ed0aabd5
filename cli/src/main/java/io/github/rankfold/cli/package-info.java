/**
 * The command {@code rankfold}. Start with {@link io.github.rankfold.cli.Main}; each command is a
 * class of its own in {@code commands}, which only connects the stages of the other modules.
 */
@NullMarked
package io.github.rankfold.cli;

import org.jspecify.annotations.NullMarked;
