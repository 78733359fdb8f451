package org.tdaplatform.streaming.run;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.avro.specific.SpecificRecord;
import org.tdaplatform.events.StreamDefinition;
import org.tdaplatform.streaming.codec.RecordKey;
import org.tdaplatform.streaming.engine.Engine;
import org.tdaplatform.streaming.evaluation.ChangeState;
import org.tdaplatform.streaming.evaluation.KeyEvaluation;
import org.tdaplatform.streaming.window.Definitions;
import org.tdaplatform.streaming.window.Emission;
import org.tdaplatform.streaming.window.KeyProcessor;
import org.tdaplatform.streaming.window.LogEvent;

/** A log in memory, one record after the other. */
final class SequentialRunner implements Definitions {
  private record Version(String streamId, int version) {}

  private static final class Key {
    final String streamId;
    final KeyProcessor.Key key = new KeyProcessor.Key(null, null);
    final List<SpecificRecord> written = new ArrayList<>();
    ChangeState changes = new ChangeState();

    Key(String streamId) {
      this.streamId = streamId;
    }
  }

  private final Map<Version, StreamDefinition> definitions = new HashMap<>();
  private final Set<String> deleted = new HashSet<>();
  private final Map<String, Key> keys = new LinkedHashMap<>();
  private final KeyProcessor processor = new KeyProcessor(this);
  private final Engine engine;

  private SequentialRunner(Engine engine) {
    this.engine = engine;
  }

  /** Results and rejections: key by key in the order in which the keys first occur, in order within a key. */
  static List<SpecificRecord> run(LogFile log, Engine engine) {
    SequentialRunner runner = new SequentialRunner(engine);
    for (int index = 0; index <= log.records().size(); index++) {
      runner.learn(log, index);
      if (index < log.records().size()) {
        runner.accept(log.records().get(index));
      }
    }
    List<SpecificRecord> written = new ArrayList<>();
    runner.keys.values().forEach(key -> written.addAll(key.written));
    return written;
  }

  @Override
  public StreamDefinition find(String streamId, int version) {
    return definitions.get(new Version(streamId, version));
  }

  @Override
  public boolean isDeleted(String streamId) {
    return deleted.contains(streamId);
  }

  private void learn(LogFile log, int recordsConsumed) {
    for (int index = 0; index < log.definitions().size(); index++) {
      StreamDefinition definition = log.definitions().get(index);
      if (log.knownAfter(index) == recordsConsumed) {
        definitions.put(new Version(definition.getStreamId(), definition.getVersion()), definition);
        definitionsChanged(definition.getStreamId());
      }
    }
    log.deletedAfter()
        .forEach(
            (streamId, after) -> {
              if (after == recordsConsumed && deleted.add(streamId)) {
                definitionsChanged(streamId);
              }
            });
  }

  private void definitionsChanged(String streamId) {
    for (Key key : keys.values()) {
      if (key.streamId.equals(streamId)) {
        processor.definitionsChanged(key.key, streamId, emission -> evaluate(key, emission));
      }
    }
  }

  private void accept(LogEvent record) {
    String streamId = record.event().getStreamId();
    Key key = keys.computeIfAbsent(RecordKey.of(streamId, record.event().getKey()), absent -> new Key(streamId));
    processor.accept(key.key, record, emission -> evaluate(key, emission));
  }

  private void evaluate(Key key, Emission emission) {
    if (emission instanceof Emission.ChangesForgotten) {
      key.changes = new ChangeState();
    } else {
      KeyEvaluation.evaluate(emission, key.changes, engine, key.written::add);
    }
  }
}
