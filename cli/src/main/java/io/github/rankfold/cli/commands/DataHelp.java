package io.github.rankfold.cli.commands;

/** How data arguments are explained in help texts, once. */
final class DataHelp {
  /** For the foot of a help text, after an empty line. */
  static final String URIS =
      "Data (URI):%n"
          + "  digits            1,797 bundled 8x8 images of handwritten digits%n"
          + "  idx:FOLDER        MNIST-style files, plain or .gz%n"
          + "  csv:FILE          ?label=NAME (default: the last column) &features=a,b or%n"
          + "                    &drop=id,name (default: all others) &test=0.2 &seed=1%n"
          + "                    &standardize=true &delimiter=; &header=false%n"
          + "  npz:FILE          ?features=KEY &labels=KEY (default: x and y) &divide=255%n"
          + "                    &features_test=KEY &labels_test=KEY (default: KEY_test)%n"
          + "                    For several inputs arrays named as they are: features=a,b or,%n"
          + "                    without an array x, all but labels. Text is an array of U or S.%n"
          + "                    Without y, or with label= or labels=, there are no labels:%n"
          + "                    metrics that compare with the original need none.%n"
          + "                    &classes=NAME,NAME (csv and npz): labels in the order of the%n"
          + "                    model's outputs, where it does not know their names.%n"
          + "  cifar10:FOLDER    the binary version of CIFAR-10%n"
          + "  Quote a URI with parameters: 'csv:iris.csv?label=species&test=0.2'.%n"
          + "  With split=train or split=test one part is taken for the whole.%n";

  private DataHelp() {}
}
