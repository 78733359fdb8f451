package org.tdaplatform.streaming;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.tdaplatform.events.ChangeDistance;
import org.tdaplatform.events.EmbeddingType;
import org.tdaplatform.events.StreamDefinition;
import org.tdaplatform.events.StreamEvent;
import org.tdaplatform.events.StreamEventKind;
import org.tdaplatform.events.StreamOutput;
import org.tdaplatform.events.StreamPoint;
import org.tdaplatform.events.WindowType;

/** Definitions and records for tests. */
public final class Events {
  private Events() {}

  public static StreamDefinition definition(WindowType type) {
    StreamDefinition definition = new StreamDefinition();
    definition.setProjectId("prj");
    definition.setStreamId("stm");
    definition.setVersion(1);
    definition.setName("test");
    definition.setPointDimension(1);
    definition.setWindowType(type);
    definition.setSizeMs(type == WindowType.tumbling || type == WindowType.sliding ? 1_000 : 0);
    definition.setSlideMs(type == WindowType.tumbling ? 1_000 : type == WindowType.sliding ? 500 : 0);
    definition.setGapMs(type == WindowType.session ? 1_000 : 0);
    definition.setCount(type == WindowType.count ? 3 : 0);
    definition.setOutOfOrdernessMs(0);
    definition.setAllowedLatenessMs(0);
    definition.setMaxRevisions(1);
    definition.setIdleTimeoutMs(5_000);
    definition.setKeyTtlMs(60_000);
    definition.setEmbeddingType(EmbeddingType.none);
    definition.setEmbeddingDimension(1);
    definition.setEmbeddingDelay(1);
    definition.setEmbeddingSkip(1);
    definition.setMaxDimension(0);
    definition.setMaxPointsPerWindow(1_000);
    definition.setMaxHeldPoints(1_000);
    definition.setMaxEngineBytes(1 << 26);
    definition.setOutputs(List.of(StreamOutput.diagrams));
    definition.setChangeDistance(ChangeDistance.bottleneck);
    definition.setChangeP(1);
    definition.setChangeDimensions(List.of(0));
    definition.setChangeHistory(8);
    definition.setAlerts(List.of());
    return definition;
  }

  /** A batch of its own for each call; points whose only coordinate is their time. */
  public static StreamEvent points(String batch, int version, long... times) {
    List<StreamPoint> points = new ArrayList<>();
    for (long time : times) {
      points.add(new StreamPoint(points.size(), time, List.of((double) time)));
    }
    return event(StreamEventKind.points, version, batch, points, null, false);
  }

  public static StreamEvent flush(int version, Long lastSeq, boolean forget) {
    return event(StreamEventKind.flush, version, "", List.of(), lastSeq, forget);
  }

  private static StreamEvent event(
      StreamEventKind kind, int version, String batch, List<StreamPoint> points, Long lastSeq, boolean forget) {
    StreamEvent event = new StreamEvent();
    event.setProjectId("prj");
    event.setStreamId("stm");
    event.setKey("k");
    event.setDefinitionVersion(version);
    event.setReceivedAt(7);
    event.setKind(kind);
    event.setBatchId(batch);
    event.setBatchPart(0);
    event.setBodyHash(ByteBuffer.wrap(points.toString().getBytes(java.nio.charset.StandardCharsets.UTF_8)));
    event.setPoints(points);
    event.setLastSeq(lastSeq);
    event.setForget(forget);
    return event;
  }
}
