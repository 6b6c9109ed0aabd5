/**
 * SavedModels on disk and as flat graphs. Start with {@link
 * io.github.rankfold.models.savedmodel.SavedModelFolder}; {@link
 * io.github.rankfold.models.savedmodel.FlatGraph} is what the rest of the project reads and
 * rewrites, and {@link io.github.rankfold.models.savedmodel.SavedModelWriter} is the only writer.
 */
@NullMarked
package io.github.rankfold.models.savedmodel;

import org.jspecify.annotations.NullMarked;
