package org.tdaplatform.streaming.window;

import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;
import org.tdaplatform.events.StreamEvent;
import org.tdaplatform.events.StreamPoint;

/** Records of a key that wait for the definition of the first of them. */
public final class WaitingRecords {
  public static final int POINT_LIMIT = 10_000;

  private final Deque<LogEvent> records = new ArrayDeque<>();
  private int pointCount;

  public boolean isEmpty() {
    return records.isEmpty();
  }

  public Collection<LogEvent> records() {
    return records;
  }

  /** Points beyond the limit are rejected. */
  public void add(LogEvent record, Consumer<Emission> out) {
    StreamEvent event = record.event();
    List<StreamPoint> points = event.getPoints();
    int room = Math.min(points.size(), POINT_LIMIT - pointCount);
    for (StreamPoint point : points.subList(room, points.size())) {
      out.accept(Rejections.ofPoint(record, event.getDefinitionVersion(), point, Rejections.PointFault.DEFINITION_UNKNOWN));
    }
    if (room == 0 && !points.isEmpty()) {
      return;
    }
    LogEvent kept = record;
    if (room < points.size()) {
      StreamEvent part = new StreamEvent();
      event.getSchema().getFields().forEach(field -> part.put(field.pos(), event.get(field.pos())));
      part.setPoints(points.subList(0, room));
      kept = new LogEvent(record.partition(), record.offset(), part);
    }
    restore(kept);
  }

  /** As it was when it was added. */
  public void restore(LogEvent record) {
    records.add(record);
    pointCount += record.event().getPoints().size();
  }

  LogEvent first() {
    return records.peekFirst();
  }

  LogEvent removeFirst() {
    LogEvent record = records.removeFirst();
    pointCount -= record.event().getPoints().size();
    return record;
  }
}
