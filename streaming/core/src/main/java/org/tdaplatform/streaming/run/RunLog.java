package org.tdaplatform.streaming.run;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.avro.specific.SpecificRecord;
import org.tdaplatform.events.StreamResult;
import org.tdaplatform.streaming.codec.WrittenValues;
import org.tdaplatform.streaming.engine.Engine;
import org.tdaplatform.streaming.engine.EnginePool;
import org.tdaplatform.streaming.engine.EngineSettings;
import org.tdaplatform.streaming.engine.HostEvents;

/**
 * `RunLog ENGINE-HOST FILE …`: results and rejections of logs in the form of `streaming/golden/` (in a `.jsonl` one a line), a line of JSON for each log:
 * `{"results":[hex …],"rejected":[hex …]}`, key by key. For comparisons with other runners.
 */
public final class RunLog {
  /** Avro binary as hex. */
  public record Written(List<String> results, List<String> rejected) {
    String json() {
      return "{\"results\":" + list(results) + ",\"rejected\":" + list(rejected) + "}";
    }

    private static String list(List<String> texts) {
      return texts.stream().map(text -> '"' + text + '"').collect(Collectors.joining(",", "[", "]"));
    }
  }

  private RunLog() {}

  public static void main(String[] arguments) throws IOException {
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    if (arguments.length < 2) {
      System.err.println("RunLog ENGINE-HOST FILE …");
      System.exit(64);
    }
    try (EnginePool pool = new EnginePool(EngineSettings.of(Path.of(arguments[0]), 1, 0), HostEvents.NONE)) {
      for (int index = 1; index < arguments.length; index++) {
        for (LogFile log : LogFile.readAll(Path.of(arguments[index]))) {
          out.println(pool.submit(engine -> run(log, engine)).join().json());
        }
      }
    }
  }

  public static Written run(LogFile log, Engine engine) {
    WrittenValues values = new WrittenValues();
    Written written = new Written(new ArrayList<>(), new ArrayList<>());
    for (SpecificRecord value : SequentialRunner.run(log, engine)) {
      WrittenValues.Written one = values.write(value);
      (one.value() instanceof StreamResult ? written.results() : written.rejected()).add(HexFormat.of().formatHex(one.bytes()));
    }
    return written;
  }
}
