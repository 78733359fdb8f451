package org.tdaplatform.streaming.run;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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

/** A log in memory, one record after the other, all definitions known from the start. */
final class SequentialRunner {
  private record Version(String streamId, int version) {}

  private final Map<Version, StreamDefinition> definitions = new HashMap<>();
  private final Map<String, KeyProcessor.Key> keys = new HashMap<>();
  private final Map<String, ChangeState> changes = new HashMap<>();
  private final KeyProcessor processor;
  private final Engine engine;

  SequentialRunner(List<StreamDefinition> known, Engine engine) {
    this.engine = engine;
    known.forEach(definition -> definitions.put(new Version(definition.getStreamId(), definition.getVersion()), definition));
    processor =
        new KeyProcessor(
            new Definitions() {
              @Override
              public StreamDefinition find(String streamId, int version) {
                return definitions.get(new Version(streamId, version));
              }

              @Override
              public boolean isDeleted(String streamId) {
                return false;
              }
            });
  }

  /** Results and rejections, in order. */
  List<SpecificRecord> accept(LogEvent record) {
    String name = RecordKey.of(record.event().getStreamId(), record.event().getKey());
    KeyProcessor.Key key = keys.computeIfAbsent(name, absent -> new KeyProcessor.Key(null, null));
    List<SpecificRecord> written = new ArrayList<>();
    processor.accept(key, record, emission -> evaluate(name, emission, written));
    return written;
  }

  private void evaluate(String name, Emission emission, List<SpecificRecord> written) {
    if (emission instanceof Emission.ChangesForgotten) {
      changes.remove(name);
      return;
    }
    ChangeState state = changes.computeIfAbsent(name, absent -> new ChangeState());
    KeyEvaluation.evaluate(emission, state, engine, written::add);
  }
}
