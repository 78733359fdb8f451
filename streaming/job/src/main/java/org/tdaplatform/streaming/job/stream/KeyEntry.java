package org.tdaplatform.streaming.job.stream;

import java.util.ArrayDeque;
import org.tdaplatform.streaming.evaluation.ChangeState;
import org.tdaplatform.streaming.window.KeyProcessor;

/** All of a key that is in memory. */
final class KeyEntry {
  /** Of a time: there is none. */
  static final long NONE = Long.MIN_VALUE;

  /** Of a key without points: its objects, its last batches. */
  private static final long OBJECTS_BYTES = 2_000;

  /** stream id, a line feed, key of the points. */
  final String name;

  final KeyProcessor.Key key;
  ChangeState changes;

  /** Emissions in order, of which the first still waits for the engine. */
  final ArrayDeque<PendingEmission> queue = new ArrayDeque<>();

  /** Clock at the last record of points. */
  long lastRecordAt = NONE;

  /** When the key's timer fires. */
  long timerAt = NONE;

  /** The points consumed when the last flush for idleness was written: it is written once for them. */
  long idleFlushSeq = NONE;

  /** Since it was last saved. */
  boolean isDirty;

  /** Whether saved state has emissions of it, which must go when there are none. */
  boolean hasSavedQueue;

  KeyEntry(String name, KeyProcessor.Key key, ChangeState changes) {
    this.name = name;
    this.key = key;
    this.changes = changes;
  }

  boolean isEmpty() {
    return key.state == null && key.waiting == null && queue.isEmpty();
  }

  String streamId() {
    return name.substring(0, name.indexOf('\n'));
  }

  String pointKey() {
    return name.substring(name.indexOf('\n') + 1);
  }

  /** About so many bytes of memory. */
  long weight() {
    long numbers = changes == null ? 0 : changes.rememberedNumbers();
    return OBJECTS_BYTES + Double.BYTES * numbers + (key.state == null ? 0 : key.state.pointBytes());
  }
}
