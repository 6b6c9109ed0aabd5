package io.github.rankfold.models.layers;

/**
 * A kernel that is left alone, and why.
 *
 * @param name as a layer would be named
 * @param operation the kind of operation that uses it, for instance {@code DepthwiseConv2dNative}
 * @param shape the kernel's shape as text
 * @param parameters how many it has
 * @param because one clause that a user can understand
 */
public record SkippedKernel(
    String name, String operation, String shape, long parameters, String because) {}
