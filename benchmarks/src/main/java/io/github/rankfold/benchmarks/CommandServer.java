package io.github.rankfold.benchmarks;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.rankfold.cli.Main;
import io.github.rankfold.compression.CompressionPlan;
import io.github.rankfold.compression.CompressionPlanner;
import io.github.rankfold.compression.SavedModelCompressor;
import io.github.rankfold.compression.Verification;
import io.github.rankfold.models.InvalidInputException;
import io.github.rankfold.models.live.LiveModel;
import io.github.rankfold.models.live.ModelOptions;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Runs the commands of rankfold that come in line by line, in one Java process: for {@code
 * roundtrip/check_models.py}, which has hundreds.
 *
 * <p>A line is a JSON list of arguments; the answer a line of JSON with {@code code}, {@code out}
 * and {@code err}. Beside the commands there is {@code full-rank MODEL OUT}: every kernel as two
 * factors of its full rank, which no rule does as it saves nothing. Its outputs have to be the
 * original's.
 */
public final class CommandServer {
  private static final ObjectMapper JSON = new ObjectMapper();

  private CommandServer() {}

  public static void main(String[] args) throws IOException {
    BufferedReader lines =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    PrintWriter answers = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      answers.println(JSON.writeValueAsString(answer(JSON.readValue(line, new Arguments()))));
    }
  }

  private static final class Arguments extends TypeReference<List<String>> {}

  private static Map<String, Object> answer(List<String> arguments) throws IOException {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int code;
    if (arguments.get(0).equals("full-rank")) {
      code = fullRank(Path.of(arguments.get(1)), Path.of(arguments.get(2)), out, err);
    } else {
      String[] command = arguments.toArray(String[]::new);
      code = Main.run(command, new PrintWriter(out, true), new PrintWriter(err, true));
    }
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("code", code);
    answer.put("out", out.toString());
    answer.put("err", err.toString());
    return answer;
  }

  /** Says how many layers were factored, and how far any output is from the original's, in Java. */
  private static int fullRank(Path model, Path out, StringWriter said, StringWriter complaints)
      throws IOException {
    try (LiveModel live = LiveModel.open(model, ModelOptions.defaults().withoutOptimizing())) {
      CompressionPlan plan = CompressionPlanner.atFullRank(live);
      Verification verification = SavedModelCompressor.apply(live, plan, out);
      Map<String, Object> found = new LinkedHashMap<>();
      found.put("layers", plan.decisions().size());
      found.put("factored", plan.factored().size());
      found.put("signatures", verification.signatures());
      found.put("difference", verification.againstOriginal());
      said.write(JSON.writeValueAsString(found));
      return 0;
    } catch (InvalidInputException | IllegalStateException e) {
      complaints.write(e.toString());
      return 1;
    }
  }
}
