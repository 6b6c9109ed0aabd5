package io.github.rankfold.maven;

import io.github.rankfold.cli.Main;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.apache.maven.plugin.AbstractMojo;
import org.apache.maven.plugin.MojoExecutionException;
import org.apache.maven.plugin.MojoFailureException;
import org.apache.maven.plugins.annotations.LifecyclePhase;
import org.apache.maven.plugins.annotations.Mojo;
import org.apache.maven.plugins.annotations.Parameter;

/**
 * Runs one command of Rankfold.
 *
 * <p>What the command prints goes to Maven's log. Exit code 1 or 2 (bad input, wrong usage) is an
 * error of the build. Exit code 3, a guarantee that could not be met, fails the build too, or is a
 * warning with {@code missedGuarantee} set to {@code warn}: nothing was written then, and the
 * original model is still what it was.
 */
@Mojo(
    name = "run",
    defaultPhase = LifecyclePhase.PROCESS_RESOURCES,
    requiresProject = false,
    threadSafe = true)
public final class RunGoal extends AbstractMojo {
  private static final int MISSED_GUARANTEE = 3;

  /** TensorFlow and OpenBLAS share their threads; two commands at once would slow each other. */
  private static final Object ONE_AT_A_TIME = new Object();

  /** The command and its arguments, as on the command line: {@code compress}, {@code model}, ... */
  @Parameter(property = "rankfold.arguments", required = true)
  private List<String> arguments = List.of();

  /** What a missed guarantee does to the build: {@code fail} or {@code warn}. */
  @Parameter(property = "rankfold.missedGuarantee", defaultValue = "fail")
  private String missedGuarantee = "fail";

  /** Whether to do nothing. */
  @Parameter(property = "rankfold.skip", defaultValue = "false")
  private boolean skip;

  /** Called by Maven. */
  public RunGoal() {}

  RunGoal(List<String> arguments, String missedGuarantee, boolean skip) {
    this.arguments = List.copyOf(arguments);
    this.missedGuarantee = missedGuarantee;
    this.skip = skip;
  }

  @Override
  public void execute() throws MojoExecutionException, MojoFailureException {
    boolean warns = missedGuarantee.equals("warn");
    if (!warns && !missedGuarantee.equals("fail")) {
      throw new MojoExecutionException(
          "missedGuarantee: expected fail or warn, found " + missedGuarantee);
    }
    if (skip) {
      getLog().info("rankfold: skipped");
      return;
    }
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int code;
    synchronized (ONE_AT_A_TIME) {
      code = Main.run(arguments.toArray(String[]::new), new PrintWriter(out), new PrintWriter(err));
    }
    String messages = err.toString().strip();
    out.toString().lines().forEach(getLog()::info);
    if (code == 0) {
      messages.lines().forEach(getLog()::info);
    } else if (code == MISSED_GUARANTEE && warns) {
      messages.lines().forEach(getLog()::warn);
    } else if (code == MISSED_GUARANTEE) {
      throw new MojoFailureException(messages);
    } else {
      throw new MojoExecutionException(messages);
    }
  }
}
