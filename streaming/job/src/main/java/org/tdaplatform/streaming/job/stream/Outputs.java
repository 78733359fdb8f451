package org.tdaplatform.streaming.job.stream;

import java.nio.ByteBuffer;
import java.util.List;
import org.apache.avro.specific.SpecificRecord;
import org.tdaplatform.events.StreamDefinition;
import org.tdaplatform.events.StreamEvent;
import org.tdaplatform.events.StreamEventKind;
import org.tdaplatform.events.StreamRejection;
import org.tdaplatform.events.StreamResult;
import org.tdaplatform.streaming.codec.EventBinary;
import org.tdaplatform.streaming.codec.WrittenValues;
import org.tdaplatform.streaming.job.log.LogTopic;
import org.tdaplatform.streaming.job.log.OutputRecord;

/** Values as records to be written, each with an id that is the same whenever it is computed again. For one thread. */
final class Outputs {
  private final WrittenValues values = new WrittenValues();
  private final EventBinary<StreamEvent> events = new EventBinary<>(StreamEvent.getClassSchema());

  OutputRecord of(String key, SpecificRecord value, String engineVersion) {
    WrittenValues.Written written = values.write(value);
    if (written.value() instanceof StreamResult result) {
      // A key that was forgotten counts its windows from 0 again.
      String id = "window:" + result.getDefinitionVersion() + ":" + result.getWindowSeq() + ":" + result.getRevision() + ":" + result.getOpenedAt();
      return new OutputRecord(LogTopic.RESULTS, key, written.bytes(), id(key, id), engineVersion);
    }
    StreamRejection rejection = (StreamRejection) written.value();
    String id = rejection.getOrigin() + ":" + rejection.getReceivedAt();
    return new OutputRecord(LogTopic.REJECTED, key, written.bytes(), id(key, id), engineVersion);
  }

  /** A flush of the key for the points consumed so far. */
  OutputRecord flush(KeyEntry entry, StreamDefinition definition, long now, boolean isForgetting) {
    StreamEvent event = new StreamEvent();
    event.setProjectId(definition.getProjectId());
    event.setStreamId(definition.getStreamId());
    event.setKey(entry.pointKey());
    event.setDefinitionVersion(definition.getVersion());
    event.setReceivedAt(now);
    event.setKind(StreamEventKind.flush);
    event.setBatchId("");
    event.setBatchPart(0);
    event.setBodyHash(ByteBuffer.allocate(0));
    event.setPoints(List.of());
    event.setLastSeq(entry.key.state.lastSeq());
    event.setForget(isForgetting);
    String id = (isForgetting ? "forget:" : "flush:") + entry.key.state.lastSeq();
    return new OutputRecord(LogTopic.EVENTS, entry.name, events.encode(event), id(entry.name, id), "");
  }

  private static String id(String key, String name) {
    return key.replace('\n', '/') + "#" + name;
  }
}
