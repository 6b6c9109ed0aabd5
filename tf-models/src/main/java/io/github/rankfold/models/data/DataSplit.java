package io.github.rankfold.models.data;

import java.util.Optional;

/** Data to train on, and data held out from it where the source has some. */
public record DataSplit(LabeledData train, Optional<LabeledData> test) {}
