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
import org.tdaplatform.streaming.job.log.LogTopic;
import org.tdaplatform.streaming.job.log.OutputRecord;

/** Values as records to be written, each with an id that is the same whenever it is computed again. For one thread. */
final class Outputs {
  private final EventBinary<StreamResult> results = new EventBinary<>(StreamResult.getClassSchema());
  private final EventBinary<StreamRejection> rejections = new EventBinary<>(StreamRejection.getClassSchema());
  private final EventBinary<StreamEvent> events = new EventBinary<>(StreamEvent.getClassSchema());

  OutputRecord of(String key, SpecificRecord value, String engineVersion) {
    if (value instanceof StreamResult result) {
      String id = "window:" + result.getDefinitionVersion() + ":" + result.getWindowSeq() + ":" + result.getRevision();
      return new OutputRecord(LogTopic.RESULTS, key, results.encode(result), id(key, id), engineVersion);
    }
    StreamRejection rejection = (StreamRejection) value;
    return new OutputRecord(LogTopic.REJECTED, key, rejections.encode(rejection), id(key, rejection.getOrigin()), engineVersion);
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
