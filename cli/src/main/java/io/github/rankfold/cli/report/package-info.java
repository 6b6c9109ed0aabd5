/**
 * {@code report.html}: one offline page made from the files of a run.
 *
 * <p>Start at {@link io.github.rankfold.cli.report.ReportPage}. {@link
 * io.github.rankfold.cli.report.ReportInputs} reads and checks the files; a {@code *Section} turns
 * tables into the text and tables of one part of the page, {@link
 * io.github.rankfold.cli.report.ChartData} into what its scripts draw. Template, style and scripts
 * are resources of this package, to be read and edited as they are.
 */
@NullMarked
package io.github.rankfold.cli.report;

import org.jspecify.annotations.NullMarked;
