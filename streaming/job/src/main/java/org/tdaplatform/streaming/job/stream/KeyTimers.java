package org.tdaplatform.streaming.job.stream;

import java.util.function.Consumer;
import org.apache.flink.runtime.state.VoidNamespace;
import org.apache.flink.streaming.api.operators.InternalTimerService;
import org.tdaplatform.events.StreamDefinition;
import org.tdaplatform.streaming.job.log.OutputRecord;

/**
 * Flushes of keys that have had no record of points for a while: docs/reference/stream-semantics.md, "What the log says, and what only moves it". One
 * timer a key, which looks again later when there were points meanwhile.
 */
final class KeyTimers {
  private final InternalTimerService<VoidNamespace> timers;
  private final KnownDefinitions definitions;
  private final Outputs outputs;

  KeyTimers(InternalTimerService<VoidNamespace> timers, KnownDefinitions definitions, Outputs outputs) {
    this.timers = timers;
    this.definitions = definitions;
    this.outputs = outputs;
  }

  /** After records of points of the key, which is the backend's current one. */
  void touched(KeyEntry entry) {
    entry.lastRecordAt = timers.currentProcessingTime();
    schedule(entry);
  }

  private StreamDefinition definitionOf(KeyEntry entry) {
    return entry.key.state == null ? null : definitions.find(entry.streamId(), entry.key.state.version());
  }

  private static boolean isIdleFlushWanted(KeyEntry entry) {
    return entry.key.state.hasPendingWindows() && entry.idleFlushSeq != entry.key.state.lastSeq();
  }

  private void schedule(KeyEntry entry) {
    StreamDefinition definition = definitionOf(entry);
    if (definition == null) {
      return;
    }
    long due = entry.lastRecordAt + definition.getKeyTtlMs();
    if (isIdleFlushWanted(entry)) {
      due = Math.min(due, entry.lastRecordAt + definition.getIdleTimeoutMs());
    }
    if (entry.timerAt != KeyEntry.NONE) {
      if (entry.timerAt <= due) {
        return;
      }
      timers.deleteProcessingTimeTimer(VoidNamespace.INSTANCE, entry.timerAt);
    }
    entry.timerAt = due;
    timers.registerProcessingTimeTimer(VoidNamespace.INSTANCE, due);
  }

  /** The key's timer has fired, and the key is the backend's current one. */
  void fired(KeyEntry entry, Consumer<OutputRecord> out) {
    entry.timerAt = KeyEntry.NONE;
    StreamDefinition definition = definitionOf(entry);
    if (definition == null) {
      return;
    }
    long now = timers.currentProcessingTime();
    if (now >= entry.lastRecordAt + definition.getKeyTtlMs()) {
      out.accept(outputs.flush(entry, definition, now, true));
      // It ends the key when it is consumed. Should points be in front of it, they set the clock again.
      return;
    }
    if (isIdleFlushWanted(entry) && now >= entry.lastRecordAt + definition.getIdleTimeoutMs()) {
      entry.idleFlushSeq = entry.key.state.lastSeq();
      out.accept(outputs.flush(entry, definition, now, false));
    }
    schedule(entry);
  }
}
