/**
 * Class statistics of features and the measures of neural collapse, without any TensorFlow type.
 *
 * <p>Accumulating and measuring are apart. Start with {@link
 * io.github.rankfold.collapse.statistics.ClassMoments}, which is fed batches and gives an immutable
 * {@link io.github.rankfold.collapse.statistics.ClusterStatistics}. A second pass over the same
 * data feeds {@link io.github.rankfold.collapse.statistics.WithinProjections}. {@link
 * io.github.rankfold.collapse.statistics.CollapseMetrics} are pure functions of these, and {@link
 * io.github.rankfold.collapse.statistics.LayerCollapse} is all of them for one layer.
 */
@NullMarked
package io.github.rankfold.collapse.statistics;

import org.jspecify.annotations.NullMarked;
