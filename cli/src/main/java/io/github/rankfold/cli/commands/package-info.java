/** The commands, one class each. What several share is in the mixins ending in {@code Options}. */
@NullMarked
package io.github.rankfold.cli.commands;

import org.jspecify.annotations.NullMarked;
