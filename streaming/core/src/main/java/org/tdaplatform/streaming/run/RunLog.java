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
import org.tdaplatform.events.StreamRejection;
import org.tdaplatform.events.StreamResult;
import org.tdaplatform.streaming.codec.EventBinary;
import org.tdaplatform.streaming.engine.Engine;
import org.tdaplatform.streaming.engine.EnginePool;
import org.tdaplatform.streaming.engine.EngineSettings;
import org.tdaplatform.streaming.engine.HostEvents;
import org.tdaplatform.streaming.window.LogEvent;

/**
 * `RunLog ENGINE-HOST FILE …`: the results and rejections of each log (a file in the form of `streaming/golden/`), a line of JSON for each file, as
 * `{"results":[hex …],"rejected":[hex …]}` in the order of the log. For comparisons with other runners.
 */
public final class RunLog {
  /** Avro binary as hex. */
  record Written(List<String> results, List<String> rejected) {
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
        LogFile log = LogFile.read(Path.of(arguments[index]));
        out.println(pool.submit(engine -> run(log, engine)).join().json());
      }
    }
  }

  static Written run(LogFile log, Engine engine) {
    EventBinary<StreamResult> results = new EventBinary<>(StreamResult.getClassSchema());
    EventBinary<StreamRejection> rejections = new EventBinary<>(StreamRejection.getClassSchema());
    SequentialRunner runner = new SequentialRunner(log.definitions(), engine);
    Written written = new Written(new ArrayList<>(), new ArrayList<>());
    for (LogEvent record : log.records()) {
      for (SpecificRecord value : runner.accept(record)) {
        if (value instanceof StreamResult result) {
          written.results().add(HexFormat.of().formatHex(results.encode(result)));
        } else {
          written.rejected().add(HexFormat.of().formatHex(rejections.encode((StreamRejection) value)));
        }
      }
    }
    return written;
  }
}
