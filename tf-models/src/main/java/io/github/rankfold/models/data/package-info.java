/**
 * Labelled data and where it comes from.
 *
 * <p>Start with {@link io.github.rankfold.models.data.DataSource#open}, which takes what a user
 * writes ({@code digits}, {@code csv:FILE?label=NAME}, ...) and gives a {@link
 * io.github.rankfold.models.data.DataSplit}, or with one source: {@link
 * io.github.rankfold.models.data.Digits}, {@link io.github.rankfold.models.data.IdxFiles}, {@link
 * io.github.rankfold.models.data.CsvData}, {@link io.github.rankfold.models.data.NpzData}, {@link
 * io.github.rankfold.models.data.CifarFiles}. All give {@link
 * io.github.rankfold.models.data.LabeledData}, whose {@link
 * io.github.rankfold.models.data.Features} keep the storage of their source: bytes, floats or
 * doubles.
 *
 * <p>A new source is a class that makes a {@code DataSplit} and a line in {@code DataSource}.
 * {@link io.github.rankfold.models.data.NpzFile} and {@link
 * io.github.rankfold.models.data.NpyArray} read NumPy's files for any other purpose.
 */
@NullMarked
package io.github.rankfold.models.data;

import org.jspecify.annotations.NullMarked;
