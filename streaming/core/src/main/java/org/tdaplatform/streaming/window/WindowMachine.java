package org.tdaplatform.streaming.window;

import java.util.List;
import java.util.function.Consumer;
import org.tdaplatform.events.StreamDefinition;
import org.tdaplatform.events.StreamEvent;
import org.tdaplatform.events.StreamEventKind;
import org.tdaplatform.events.StreamPoint;

/**
 * What the records of a key do to its state and what they give: docs/reference/stream-semantics.md, "A record", "A point". A pure function of the log:
 * no clock, no random number, no input but its arguments.
 */
public final class WindowMachine {
  private final Definitions definitions;

  public WindowMachine(Definitions definitions) {
    this.definitions = definitions;
  }

  /**
   * Consumes a record whose definition is known.
   *
   * @return the key's state: null where the record ended it
   */
  public KeyState consume(KeyState state, LogEvent record, Consumer<Emission> out) {
    StreamEvent event = record.event();
    if (event.getDefinitionVersion() > state.version) {
      if (state.version > 0) {
        flush(state, event, out);
        out.accept(new Emission.ChangesForgotten());
      }
      state.beginVersion(event.getDefinitionVersion());
    }
    if (event.getKind() == StreamEventKind.points) {
      consumePoints(state, record, out);
      return state;
    }
    Long lastSeq = event.getLastSeq();
    if (lastSeq != null && lastSeq != state.lastSeq) {
      return state;
    }
    flush(state, event, out);
    if (!event.getForget()) {
      return state;
    }
    out.accept(new Emission.ChangesForgotten());
    return null;
  }

  private void consumePoints(KeyState state, LogEvent record, Consumer<Emission> out) {
    StreamEvent event = record.event();
    byte[] hash = new byte[event.getBodyHash().remaining()];
    event.getBodyHash().duplicate().get(hash);
    switch (state.batches.judge(event.getBatchId(), event.getBatchPart(), hash)) {
      case REPEATED -> {}
      case CONFLICTING -> {
        for (StreamPoint point : event.getPoints()) {
          out.accept(Rejections.ofPoint(record, state.version, point, Rejections.PointFault.BATCH_CONFLICT));
        }
      }
      case NEW -> {
        StreamDefinition definition = definitions.find(event.getStreamId(), state.version);
        WindowKind kind = WindowKind.of(definition);
        if (state.points == null) {
          state.points = new TimeOrderedPoints(definition.getPointDimension());
        }
        for (StreamPoint point : event.getPoints()) {
          Rejections.PointFault fault = consumePoint(state, definition, kind, event, point, out);
          if (fault != null) {
            out.accept(Rejections.ofPoint(record, state.version, point, fault));
          }
        }
      }
    }
  }

  /** null: the point was taken. */
  private static Rejections.PointFault consumePoint(
      KeyState state, StreamDefinition definition, WindowKind kind, StreamEvent event, StreamPoint point, Consumer<Emission> out) {
    state.lastSeq++;
    double[] coordinates = coordinates(point.getV(), definition.getPointDimension());
    if (coordinates == null) {
      return Rejections.PointFault.INVALID_POINT;
    }
    long time = point.getT();
    switch (kind.judge(state, definition, time)) {
      case WINDOW_CLOSED -> {
        return Rejections.PointFault.WINDOW_CLOSED;
      }
      case REVISIONS_EXHAUSTED -> {
        return Rejections.PointFault.REVISIONS_EXHAUSTED;
      }
      case TAKEN -> {}
    }
    if (state.points.size() >= definition.getMaxHeldPoints()) {
      return Rejections.PointFault.TOO_MANY_POINTS;
    }
    kind.take(
        state,
        definition,
        time,
        event.getReceivedAt(),
        (absorbed, start, end, supersededBy) ->
            out.accept(
                new Emission.Retraction(
                    definition, event.getKey(), absorbed.seq, absorbed.firings, absorbed.openedAt, start, end, supersededBy)));
    state.points.insert(time, coordinates);
    if (kind.hasWatermark()) {
      state.maxTime = Math.max(state.maxTime, time);
      state.watermark = Math.max(state.watermark, state.maxTime - definition.getOutOfOrdernessMs());
    }
    Window next = state.firstPending();
    while (next != null && kind.isDue(state, definition, next)) {
      fire(state, definition, kind, next, event.getKey(), out);
      next = state.firstPending();
    }
    kind.drop(state, definition);
    return null;
  }

  /** null: not as many finite numbers as the dimension. */
  private static double[] coordinates(List<Double> values, int dimension) {
    if (values.size() != dimension) {
      return null;
    }
    double[] coordinates = new double[dimension];
    for (int axis = 0; axis < dimension; axis++) {
      double value = values.get(axis);
      if (!Double.isFinite(value)) {
        return null;
      }
      coordinates[axis] = value;
    }
    return coordinates;
  }

  private static void fire(
      KeyState state, StreamDefinition definition, WindowKind kind, Window window, String key, Consumer<Emission> out) {
    int from = kind.fromPlace(state, window);
    int to = kind.toPlace(state, definition, window);
    out.accept(
        new Emission.Firing(
            definition,
            key,
            window.seq,
            window.firings,
            window.openedAt,
            kind.start(state, window),
            kind.end(state, definition, window),
            to - from,
            state.points.rows(from, to)));
    state.fired(window);
  }

  /** All pending windows fire, and the watermark becomes the end of the last of them, if that is above it. */
  private void flush(KeyState state, StreamEvent event, Consumer<Emission> out) {
    if (state.points == null) {
      return;
    }
    StreamDefinition definition = definitions.find(event.getStreamId(), state.version);
    WindowKind kind = WindowKind.of(definition);
    long end = KeyState.NEVER;
    for (Window next = state.firstPending(); next != null; next = state.firstPending()) {
      end = kind.end(state, definition, next);
      fire(state, definition, kind, next, event.getKey(), out);
    }
    if (kind.hasWatermark()) {
      state.watermark = Math.max(state.watermark, end);
    }
    kind.drop(state, definition);
  }
}
