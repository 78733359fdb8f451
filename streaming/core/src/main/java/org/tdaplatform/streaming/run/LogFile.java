package org.tdaplatform.streaming.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.tdaplatform.events.StreamDefinition;
import org.tdaplatform.events.StreamEvent;
import org.tdaplatform.streaming.window.LogEvent;

/** A log as a file: the form of the golden vectors in `streaming/golden/`. */
record LogFile(List<StreamDefinition> definitions, List<LogEvent> records, List<String> results, List<String> rejected) {
  static LogFile read(Path file) throws IOException {
    JsonNode json = new ObjectMapper().readTree(file.toFile());
    List<StreamDefinition> definitions = new ArrayList<>();
    json.get("definitions").forEach(definition -> definitions.add(JsonValues.record(definition, new StreamDefinition())));
    List<LogEvent> records = new ArrayList<>();
    for (JsonNode record : json.get("records")) {
      StreamEvent event = JsonValues.record(record.get("event"), new StreamEvent());
      records.add(new LogEvent(record.get("partition").intValue(), record.get("offset").longValue(), event));
    }
    return new LogFile(definitions, records, texts(json.get("results")), texts(json.get("rejected")));
  }

  private static List<String> texts(JsonNode json) {
    List<String> texts = new ArrayList<>();
    if (json != null) {
      json.forEach(text -> texts.add(text.textValue()));
    }
    return texts;
  }
}
