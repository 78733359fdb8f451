package org.tdaplatform.streaming.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.tdaplatform.events.StreamDefinition;
import org.tdaplatform.events.StreamEvent;
import org.tdaplatform.streaming.window.LogEvent;

/**
 * A log as JSON, with what it gives: a case of `streaming/golden/`, whose README says what the fields are.
 *
 * @param knownAfter by definition, how many records are consumed before it is known
 * @param deletedAfter by stream id, how many records are consumed before the stream is deleted
 */
public record LogFile(
    String summary,
    List<StreamDefinition> definitions,
    List<Integer> knownAfter,
    Map<String, Integer> deletedAfter,
    List<LogEvent> records,
    List<String> results,
    List<String> rejected) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** The logs of a file: one, or, where it ends in `.jsonl`, one a line. */
  public static List<LogFile> readAll(Path file) throws IOException {
    if (!file.toString().endsWith(".jsonl")) {
      return List.of(of(JSON.readTree(file.toFile())));
    }
    List<LogFile> logs = new ArrayList<>();
    for (String line : Files.readAllLines(file)) {
      logs.add(of(JSON.readTree(line)));
    }
    return logs;
  }

  private static LogFile of(JsonNode json) {
    List<StreamDefinition> definitions = new ArrayList<>();
    json.get("definitions").forEach(definition -> definitions.add(JsonValues.record(definition, new StreamDefinition())));
    List<Integer> knownAfter = new ArrayList<>();
    json.path("definitions_known_after").forEach(count -> knownAfter.add(count.intValue()));
    Map<String, Integer> deletedAfter = new HashMap<>();
    json.path("deleted_after").fields().forEachRemaining(entry -> deletedAfter.put(entry.getKey(), entry.getValue().intValue()));
    List<LogEvent> records = new ArrayList<>();
    for (JsonNode record : json.get("records")) {
      StreamEvent event = JsonValues.record(record.get("event"), new StreamEvent());
      records.add(new LogEvent(record.get("partition").intValue(), record.get("offset").longValue(), event));
    }
    return new LogFile(
        json.path("summary").asText(),
        definitions,
        knownAfter,
        deletedAfter,
        records,
        texts(json.path("results")),
        texts(json.path("rejected")));
  }

  private static List<String> texts(JsonNode json) {
    List<String> texts = new ArrayList<>();
    json.forEach(text -> texts.add(text.textValue()));
    return texts;
  }

  /** How many records are consumed before a definition is known. */
  int knownAfter(int definition) {
    return knownAfter.isEmpty() ? 0 : knownAfter.get(definition);
  }
}
