package org.tdaplatform.streaming.job.stream;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.apache.flink.api.common.state.KeyedStateStore;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeutils.base.array.BytePrimitiveArraySerializer;
import org.apache.flink.runtime.state.KeyedStateBackend;
import org.apache.flink.runtime.state.VoidNamespace;
import org.tdaplatform.events.StreamEvent;
import org.tdaplatform.streaming.codec.SavedEvents;
import org.tdaplatform.streaming.evaluation.ChangeState;
import org.tdaplatform.streaming.window.KeyProcessor;
import org.tdaplatform.streaming.window.KeyState;
import org.tdaplatform.streaming.window.KeyStateSerializer;
import org.tdaplatform.streaming.window.LogEvent;
import org.tdaplatform.streaming.window.WaitingRecords;

/**
 * Keys of a task: the ones used last in memory, all of them in keyed state. What changed in memory is written to the state at a checkpoint, or when the
 * key leaves memory; between two checkpoints a restart goes back to the first anyway.
 */
final class KeyStore {
  /** Names of states: part of every savepoint. */
  static final String WINDOWS = "windows";

  static final String WAITING = "waiting";
  static final String CHANGES = "changes";
  static final String QUEUE = "queue";

  /** Of a task: a TaskManager has a few of them, and other things to hold. */
  private static final long WEIGHT_LIMIT_BYTES = Runtime.getRuntime().maxMemory() / 16;

  private static final int KEY_LIMIT = 20_000;
  private static final int USES_BETWEEN_EVICTIONS = 512;

  private final KeyedStateBackend<String> backend;
  private final ValueState<byte[]> windows;
  private final ValueState<byte[]> waiting;
  private final ValueState<byte[]> changes;
  private final ValueState<byte[]> queue;
  private final SavedEvents<StreamEvent> events = new SavedEvents<>(StreamEvent.getClassSchema());
  private final EmissionSerializer emissions = new EmissionSerializer();
  private final LinkedHashMap<String, KeyEntry> entries = new LinkedHashMap<>(16, 0.75f, true);
  private int usesSinceEviction;

  KeyStore(KeyedStateBackend<String> backend, KeyedStateStore states) {
    this.backend = backend;
    windows = states.getState(bytes(WINDOWS));
    waiting = states.getState(bytes(WAITING));
    changes = states.getState(bytes(CHANGES));
    queue = states.getState(bytes(QUEUE));
  }

  private static ValueStateDescriptor<byte[]> bytes(String name) {
    return new ValueStateDescriptor<>(name, BytePrimitiveArraySerializer.INSTANCE);
  }

  /** The key, which is the backend's current one from here on. */
  KeyEntry get(String name) throws IOException {
    backend.setCurrentKey(name);
    KeyEntry entry = entries.get(name);
    if (entry == null) {
      entry = load(name);
      entries.put(name, entry);
    }
    return entry;
  }

  /** Names of the keys that have a state of this name, saved or in memory. */
  List<String> names(String state, Predicate<KeyEntry> inMemory) {
    List<String> names = new ArrayList<>();
    try (Stream<String> saved = backend.getKeys(state, VoidNamespace.INSTANCE)) {
      saved.filter(name -> !entries.containsKey(name)).forEach(names::add);
    }
    entries.values().stream().filter(inMemory).forEach(entry -> names.add(entry.name));
    return names;
  }

  /** Lets keys go that were not used for longest, if there are too many. Those that wait for the engine stay. */
  void evict() throws IOException {
    if (++usesSinceEviction < USES_BETWEEN_EVICTIONS) {
      return;
    }
    usesSinceEviction = 0;
    long weight = entries.values().stream().mapToLong(KeyEntry::weight).sum();
    Iterator<KeyEntry> oldest = entries.values().iterator();
    while (oldest.hasNext() && (weight > WEIGHT_LIMIT_BYTES || entries.size() > KEY_LIMIT)) {
      KeyEntry entry = oldest.next();
      if (entry.queue.isEmpty()) {
        weight -= entry.weight();
        save(entry);
        oldest.remove();
      }
    }
  }

  /** Writes what has changed. The backend's current key is another one afterwards. */
  void saveAll() throws IOException {
    Iterator<KeyEntry> all = entries.values().iterator();
    while (all.hasNext()) {
      KeyEntry entry = all.next();
      save(entry);
      if (entry.isEmpty()) {
        all.remove();
      }
    }
  }

  private void save(KeyEntry entry) throws IOException {
    boolean hasQueue = !entry.queue.isEmpty();
    if (!entry.isDirty && !hasQueue && !entry.hasSavedQueue) {
      return;
    }
    backend.setCurrentKey(entry.name);
    put(windows, entry.key.state == null ? null : write(out -> writeWindows(entry, out)));
    put(waiting, entry.key.waiting == null ? null : write(out -> writeWaiting(entry.key.waiting, out)));
    put(changes, entry.changes == null ? null : write(entry.changes::write));
    put(queue, hasQueue ? write(out -> writeQueue(entry, out)) : null);
    entry.isDirty = false;
    entry.hasSavedQueue = hasQueue;
  }

  private static void put(ValueState<byte[]> state, byte[] bytes) throws IOException {
    if (bytes == null) {
      state.clear();
    } else {
      state.update(bytes);
    }
  }

  private KeyEntry load(String name) throws IOException {
    KeyEntry entry = new KeyEntry(name, new KeyProcessor.Key(null, null), null);
    byte[] saved = windows.value();
    if (saved != null) {
      readWindows(entry, in(saved));
    }
    saved = waiting.value();
    if (saved != null) {
      entry.key.waiting = readWaiting(in(saved));
    }
    saved = changes.value();
    if (saved != null) {
      entry.changes = ChangeState.read(in(saved));
    }
    saved = queue.value();
    if (saved != null) {
      DataInputStream in = in(saved);
      for (int left = in.readInt(); left > 0; left--) {
        entry.queue.add(new PendingEmission(emissions.read(in)));
      }
      entry.hasSavedQueue = true;
    }
    return entry;
  }

  private interface Writing {
    void to(DataOutputStream out) throws IOException;
  }

  private static byte[] write(Writing writing) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    writing.to(out);
    out.flush();
    return bytes.toByteArray();
  }

  private static DataInputStream in(byte[] bytes) {
    return new DataInputStream(new ByteArrayInputStream(bytes));
  }

  private static void writeWindows(KeyEntry entry, DataOutputStream out) throws IOException {
    out.writeLong(entry.lastRecordAt);
    out.writeLong(entry.timerAt);
    out.writeLong(entry.idleFlushSeq);
    KeyStateSerializer.write(entry.key.state, out);
  }

  private static void readWindows(KeyEntry entry, DataInputStream in) throws IOException {
    entry.lastRecordAt = in.readLong();
    entry.timerAt = in.readLong();
    entry.idleFlushSeq = in.readLong();
    entry.key.state = KeyStateSerializer.read(in);
  }

  private void writeWaiting(WaitingRecords records, DataOutputStream out) throws IOException {
    out.writeInt(records.records().size());
    for (LogEvent record : records.records()) {
      out.writeInt(record.partition());
      out.writeLong(record.offset());
      byte[] event = events.encode(record.event());
      out.writeInt(event.length);
      out.write(event);
    }
  }

  private WaitingRecords readWaiting(DataInputStream in) throws IOException {
    WaitingRecords records = new WaitingRecords();
    for (int left = in.readInt(); left > 0; left--) {
      int partition = in.readInt();
      long offset = in.readLong();
      byte[] event = new byte[in.readInt()];
      in.readFully(event);
      records.restore(new LogEvent(partition, offset, events.decode(event)));
    }
    return records;
  }

  private void writeQueue(KeyEntry entry, DataOutputStream out) throws IOException {
    out.writeInt(entry.queue.size());
    for (PendingEmission pending : entry.queue) {
      emissions.write(pending.emission, out);
    }
  }
}
