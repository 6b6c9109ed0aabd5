/**
 * Seeded experiments on the bundled digits, each a table and a plot, with what theory expects and
 * what was seen. Start with {@link io.github.rankfold.cli.studies.Study}.
 */
@NullMarked
package io.github.rankfold.cli.studies;

import org.jspecify.annotations.NullMarked;
