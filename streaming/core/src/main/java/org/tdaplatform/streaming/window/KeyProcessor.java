package org.tdaplatform.streaming.window;

import java.util.function.Consumer;

/** The records of a key in order, those of an unknown definition held back: what both the Flink job and {@code RunLog} drive. */
public final class KeyProcessor {
  /** A key between two records. Both are null where there is nothing. */
  public static final class Key {
    public KeyState state;
    public WaitingRecords waiting;

    public Key(KeyState state, WaitingRecords waiting) {
      this.state = state;
      this.waiting = waiting;
    }
  }

  private final Definitions definitions;
  private final WindowMachine machine;

  public KeyProcessor(Definitions definitions) {
    this.definitions = definitions;
    machine = new WindowMachine(definitions);
  }

  public void accept(Key key, LogEvent record, Consumer<Emission> out) {
    String streamId = record.event().getStreamId();
    if (definitions.isDeleted(streamId)) {
      forget(key, out);
      return;
    }
    boolean isKnown = definitions.find(streamId, record.event().getDefinitionVersion()) != null;
    if (isKnown && key.waiting == null) {
      consume(key, record, out);
      return;
    }
    if (key.waiting == null) {
      key.waiting = new WaitingRecords();
    }
    key.waiting.add(record, out);
  }

  /** A definition of the key's stream has come, or the stream was deleted. */
  public void definitionsChanged(Key key, String streamId, Consumer<Emission> out) {
    if (definitions.isDeleted(streamId)) {
      forget(key, out);
      return;
    }
    while (key.waiting != null) {
      LogEvent first = key.waiting.first();
      if (definitions.find(streamId, first.event().getDefinitionVersion()) == null) {
        return;
      }
      consume(key, key.waiting.removeFirst(), out);
      if (key.waiting.isEmpty()) {
        key.waiting = null;
      }
    }
  }

  private void consume(Key key, LogEvent record, Consumer<Emission> out) {
    KeyState state = key.state == null ? new KeyState() : key.state;
    key.state = machine.consume(state, record, out);
  }

  private static void forget(Key key, Consumer<Emission> out) {
    if (key.state != null) {
      out.accept(new Emission.ChangesForgotten());
    }
    key.state = null;
    key.waiting = null;
  }
}
