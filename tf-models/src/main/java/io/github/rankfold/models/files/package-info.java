/**
 * How results reach the disk: {@link io.github.rankfold.models.files.OutputFolder} writes beside
 * and moves into place, {@link io.github.rankfold.models.files.CsvTable} is the only CSV writer,
 * {@link io.github.rankfold.models.files.Json} the only JSON mapper.
 */
@NullMarked
package io.github.rankfold.models.files;

import org.jspecify.annotations.NullMarked;
