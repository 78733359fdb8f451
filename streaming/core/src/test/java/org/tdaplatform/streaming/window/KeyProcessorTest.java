package org.tdaplatform.streaming.window;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.tdaplatform.events.StreamDefinition;
import org.tdaplatform.events.StreamEvent;
import org.tdaplatform.events.WindowType;
import org.tdaplatform.streaming.Events;

class KeyProcessorTest {
  private static final class Known implements Definitions {
    final Map<Integer, StreamDefinition> versions = new HashMap<>();
    boolean isDeleted;

    @Override
    public StreamDefinition find(String streamId, int version) {
      return versions.get(version);
    }

    @Override
    public boolean isDeleted(String streamId) {
      return isDeleted;
    }
  }

  /** A key whose emissions are written as short texts. */
  private static final class Run {
    final Known known = new Known();
    final KeyProcessor processor = new KeyProcessor(known);
    final KeyProcessor.Key key = new KeyProcessor.Key(null, null);
    final List<String> emitted = new ArrayList<>();
    private long offset;

    Run(StreamDefinition... definitions) {
      for (StreamDefinition definition : definitions) {
        known.versions.put(definition.getVersion(), definition);
      }
    }

    Run accept(StreamEvent event) {
      processor.accept(key, new LogEvent(0, offset++, event), emission -> emitted.add(text(emission)));
      return this;
    }

    static String text(Emission emission) {
      if (emission instanceof Emission.Firing f) {
        return "fire " + f.seq() + "." + f.revision() + " [" + f.start() + "," + f.end() + ") " + f.pointCount();
      }
      if (emission instanceof Emission.Retraction r) {
        return "retract " + r.seq() + "." + r.revision() + " by " + r.supersededBy();
      }
      if (emission instanceof Emission.Rejection r) {
        return "reject " + r.rejection().getT() + " " + r.rejection().getCode();
      }
      return "forgotten";
    }
  }

  @Test
  void negativeTimesFallIntoTheWindowBelow() {
    Run run = new Run(Events.definition(WindowType.tumbling)).accept(Events.points("a", 1, -1, 0, 1_000));
    assertEquals(List.of("fire 0.0 [-1000,0) 1", "fire 1.0 [0,1000) 1"), run.emitted);
  }

  @Test
  void aSlidingPointIsInEveryWindowOverIt() {
    Run run = new Run(Events.definition(WindowType.sliding)).accept(Events.points("a", 1, 600, 1_100, 5_000));
    assertEquals(List.of("fire 0.0 [0,1000) 1", "fire 1.0 [500,1500) 2", "fire 2.0 [1000,2000) 1"), run.emitted);
  }

  @Test
  void aLatePointRevisesSoOftenAndIsThenRejected() {
    StreamDefinition definition = Events.definition(WindowType.tumbling);
    definition.setAllowedLatenessMs(1_000);
    Run run = new Run(definition).accept(Events.points("a", 1, 500, 1_000, 600, 700, 2_500, 800));
    assertEquals(
        List.of("fire 0.0 [0,1000) 1", "fire 0.1 [0,1000) 2", "reject 700 revisions_exhausted", "fire 1.0 [1000,2000) 1", "reject 800 window_closed"),
        run.emitted);
  }

  @Test
  void sessionsAGapApartStaySeparateAndAPointBetweenMergesThem() {
    StreamDefinition definition = Events.definition(WindowType.session);
    definition.setAllowedLatenessMs(10_000);
    Run run = new Run(definition).accept(Events.points("a", 1, 0, 1_000, 4_000, 500));
    assertEquals(
        List.of("fire 0.0 [0,1000) 1", "fire 1.0 [1000,2000) 1", "retract 1.1 by 0", "fire 0.1 [0,2000) 3"), run.emitted);
  }

  @Test
  void countWindowsGoByLogOrderAndAFlushEndsOne() {
    Run run =
        new Run(Events.definition(WindowType.count)).accept(Events.points("a", 1, 9, 3, 6, 5)).accept(Events.flush(1, 4L, false));
    assertEquals(List.of("fire 0.0 [3,9) 3", "fire 1.0 [5,5) 1"), run.emitted);
  }

  @Test
  void aFlushOfAnotherSequenceDoesNothingAndOneThatForgetsBeginsAnew() {
    Run run = new Run(Events.definition(WindowType.tumbling)).accept(Events.points("a", 1, 1)).accept(Events.flush(1, 0L, true));
    assertEquals(List.of(), run.emitted);
    run.accept(Events.flush(1, 1L, true));
    assertEquals(List.of("fire 0.0 [0,1000) 1", "forgotten"), run.emitted);
    assertNull(run.key.state);
  }

  @Test
  void aBatchSentAgainChangesNothingAndAnotherContentIsRejected() {
    Run run = new Run(Events.definition(WindowType.tumbling));
    run.accept(Events.points("a", 1, 1)).accept(Events.points("a", 1, 1)).accept(Events.points("a", 1, 2));
    assertEquals(List.of("reject 2 batch_conflict"), run.emitted);
    assertEquals(1, run.key.state.lastSeq());
  }

  @Test
  void aHigherVersionClosesTheKeyAndALowerOneIsReadAsIt() {
    StreamDefinition next = Events.definition(WindowType.count);
    next.setVersion(2);
    Run run = new Run(Events.definition(WindowType.tumbling), next);
    run.accept(Events.points("a", 1, 1)).accept(Events.points("b", 2, 2)).accept(Events.points("c", 1, 3, 4));
    assertEquals(List.of("fire 0.0 [0,1000) 1", "forgotten", "fire 1.0 [2,4) 3"), run.emitted);
  }

  @Test
  void recordsOfAnUnknownVersionWaitAndTooManyPointsAreRejected() {
    Run run = new Run();
    long[] times = new long[WaitingRecords.POINT_LIMIT - 1];
    run.accept(Events.points("a", 1, times)).accept(Events.flush(1, null, false)).accept(Events.points("b", 1, 2_000, 2_001));
    assertEquals(List.of("reject 2001 definition_unknown"), run.emitted);
    StreamDefinition definition = Events.definition(WindowType.tumbling);
    definition.setMaxHeldPoints(WaitingRecords.POINT_LIMIT);
    run.known.versions.put(1, definition);
    run.processor.definitionsChanged(run.key, "stm", emission -> run.emitted.add(Run.text(emission)));
    assertEquals(List.of("reject 2001 definition_unknown", "fire 0.0 [0,1000) 9999"), run.emitted);
    assertNull(run.key.waiting);
  }

  @Test
  void aDeletedStreamLeavesNothing() {
    Run run = new Run(Events.definition(WindowType.tumbling)).accept(Events.points("a", 1, 1));
    run.known.isDeleted = true;
    run.processor.definitionsChanged(run.key, "stm", emission -> run.emitted.add(Run.text(emission)));
    run.accept(Events.points("b", 1, 5_000));
    assertEquals(List.of("forgotten"), run.emitted);
    assertNull(run.key.state);
  }

  @Test
  void aStateReadBackGoesOnAsTheOneThatWasNeverWritten() throws IOException {
    for (WindowType type : WindowType.values()) {
      for (int seed = 0; seed < 40; seed++) {
        Random random = new Random(seed);
        StreamDefinition definition = Events.definition(type);
        definition.setAllowedLatenessMs(random.nextInt(3) * 700L);
        definition.setOutOfOrdernessMs(random.nextInt(3) * 300L);
        Run kept = new Run(definition);
        Run restored = new Run(definition);
        for (int record = 0; record < 60; record++) {
          long[] times = new long[1 + random.nextInt(4)];
          for (int index = 0; index < times.length; index++) {
            times[index] = record * 150L + random.nextInt(2_000) - 1_000;
          }
          StreamEvent event = random.nextInt(12) == 0 ? Events.flush(1, null, false) : Events.points("b" + record, 1, times);
          kept.accept(event);
          restored.accept(event);
          if (restored.key.state != null) {
            restored.key.state = copy(restored.key.state);
          }
        }
        assertEquals(kept.emitted, restored.emitted);
      }
    }
  }

  private static KeyState copy(KeyState state) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    KeyStateSerializer.write(state, new DataOutputStream(bytes));
    return KeyStateSerializer.read(new DataInputStream(new ByteArrayInputStream(bytes.toByteArray())));
  }
}
