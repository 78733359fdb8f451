package org.tdaplatform.streaming.job;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.tdaplatform.events.StreamDefinition;
import org.tdaplatform.events.StreamEvent;
import org.tdaplatform.events.StreamResult;
import org.tdaplatform.streaming.codec.EventBinary;
import org.tdaplatform.streaming.codec.RecordKey;
import org.tdaplatform.streaming.engine.EnginePool;
import org.tdaplatform.streaming.engine.EngineSettings;
import org.tdaplatform.streaming.engine.HostEvents;
import org.tdaplatform.streaming.job.log.LogTopic;
import org.tdaplatform.streaming.job.log.RawRecord;
import org.tdaplatform.streaming.job.registry.WireFormat;
import org.tdaplatform.streaming.run.LogFile;
import org.tdaplatform.streaming.run.RunLog;
import org.tdaplatform.streaming.window.LogEvent;

/** All golden vectors as one log, several times, each copy of each a stream of its own; and what the core makes of each alone. */
public final class TestLog {
  final List<RawRecord> definitions = new ArrayList<>();
  final List<RawRecord> events = new ArrayList<>();

  /** Results as hex, by the records' key, in order. */
  final Map<String, List<String>> results = new TreeMap<>();

  static Path repository() {
    return Path.of(System.getProperty("repository.root")).toAbsolutePath().normalize();
  }

  public static Path engineHost() {
    String build = System.getenv("TDA_ENGINE_BUILD_DIR");
    Path folder = build == null || build.isEmpty() ? repository().resolve("build/engine") : Path.of(build);
    return folder.resolve("bin/tda-engine-host");
  }

  static TestLog ofGoldenVectors(int copies) throws IOException {
    List<LogFile> logs = new ArrayList<>();
    for (int copy = 0; copy < copies; copy++) {
      try (Stream<Path> files = Files.list(repository().resolve("streaming/golden"))) {
        for (Path file : files.filter(TestLog::isVector).sorted().toList()) {
          LogFile log = LogFile.readAll(file).get(0);
          // Whether a definition is known at a record is not the log's to say.
          if (log.knownAfter().isEmpty() && log.deletedAfter().isEmpty()) {
            logs.add(renamed(log, file.getFileName() + "-" + copy));
          }
        }
      }
    }
    return new TestLog(logs);
  }

  /** The logs of a file, each as streams of its own. */
  static TestLog ofFile(Path file) throws IOException {
    List<LogFile> logs = LogFile.readAll(file);
    for (int index = 0; index < logs.size(); index++) {
      renamed(logs.get(index), "-" + index);
    }
    return new TestLog(logs);
  }

  private static boolean isVector(Path file) {
    return file.toString().endsWith(".json") && !file.endsWith("partitioner.json");
  }

  private static LogFile renamed(LogFile log, String suffix) {
    log.definitions().forEach(definition -> definition.setStreamId(definition.getStreamId() + suffix));
    log.records().forEach(record -> record.event().setStreamId(record.event().getStreamId() + suffix));
    return log;
  }

  private TestLog(List<LogFile> logs) {
    WireFormat<StreamDefinition> definitionFormat = new WireFormat<>(new FixedSchemas(), LogTopic.STREAMS);
    WireFormat<StreamEvent> eventFormat = new WireFormat<>(new FixedSchemas(), LogTopic.EVENTS);
    EventBinary<StreamDefinition> definitionBinary = new EventBinary<>(StreamDefinition.getClassSchema());
    EventBinary<StreamEvent> eventBinary = new EventBinary<>(StreamEvent.getClassSchema());
    int longest = 0;
    for (LogFile log : logs) {
      for (StreamDefinition definition : log.definitions()) {
        String key = definition.getStreamId() + "\n" + definition.getVersion();
        definitions.add(new RawRecord(0, definitions.size(), 0, key, definitionFormat.frame(definitionBinary.encode(definition))));
      }
      longest = Math.max(longest, log.records().size());
    }
    for (int index = 0; index < longest; index++) {
      for (LogFile log : logs) {
        if (index < log.records().size()) {
          LogEvent record = log.records().get(index);
          String key = RecordKey.of(record.event().getStreamId(), record.event().getKey());
          byte[] value = eventFormat.frame(eventBinary.encode(record.event()));
          events.add(new RawRecord(record.partition(), record.offset(), 0, key, value));
        }
      }
    }
    try (EnginePool pool = new EnginePool(EngineSettings.of(engineHost(), 1, 0), HostEvents.NONE)) {
      logs.forEach(log -> pool.submit(engine -> RunLog.run(log, engine)).join().results().forEach(this::expect));
    }
  }

  int resultCount() {
    return results.values().stream().mapToInt(List::size).sum();
  }

  private void expect(String hex) {
    results.computeIfAbsent(keyOf(HexFormat.of().parseHex(hex)), absent -> new ArrayList<>()).add(hex);
  }

  private static String keyOf(byte[] result) {
    try {
      StreamResult value = new EventBinary<StreamResult>(StreamResult.getClassSchema()).decode(result, 0);
      return RecordKey.of(value.getStreamId(), value.getKey());
    } catch (IOException broken) {
      throw new IllegalStateException(broken);
    }
  }
}
