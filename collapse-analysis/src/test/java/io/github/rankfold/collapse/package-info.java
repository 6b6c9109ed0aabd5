/** Tests of this module; {@link io.github.rankfold.collapse.DigitsTanh} holds reference values. */
@NullMarked
package io.github.rankfold.collapse;

import org.jspecify.annotations.NullMarked;
