/** Side-by-side runs against peers: programs that print what they measured. */
@NullMarked
package io.github.rankfold.benchmarks;

import org.jspecify.annotations.NullMarked;
