/** What a user sees on the terminal: lines, tables, progress and messages of failure. */
@NullMarked
package io.github.rankfold.cli.console;

import org.jspecify.annotations.NullMarked;
