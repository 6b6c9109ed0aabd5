package io.github.rankfold.compression.bounds;

/**
 * What keeps a model from having a bound on its output.
 *
 * @param node the node of the flat graph
 * @param operation what it computes
 * @param because what is not known of it
 */
public record UnknownOperation(String node, String operation, String because) {
  @Override
  public String toString() {
    return "%s (%s): %s".formatted(operation, node, because);
  }
}
