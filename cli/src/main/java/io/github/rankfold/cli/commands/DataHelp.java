package io.github.rankfold.cli.commands;

/** How data arguments are explained in help texts, once. */
final class DataHelp {
  static final String URIS =
      "digits (bundled), idx:FOLDER (MNIST-style files, gz or plain),"
          + " csv:FILE?label=NAME&test=0.2&standardize=true, npz:FILE?features=KEY&labels=KEY or"
          + " cifar10:FOLDER; split=train or split=test takes one part.";

  private DataHelp() {}
}
