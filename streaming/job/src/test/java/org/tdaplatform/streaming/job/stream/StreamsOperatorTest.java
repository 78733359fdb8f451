package org.tdaplatform.streaming.job.stream;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.junit.jupiter.api.Test;
import org.tdaplatform.events.StreamDefinition;
import org.tdaplatform.events.StreamEvent;
import org.tdaplatform.events.StreamOutput;
import org.tdaplatform.events.StreamRejection;
import org.tdaplatform.events.StreamResult;
import org.tdaplatform.events.WindowType;
import org.tdaplatform.streaming.Events;
import org.tdaplatform.streaming.codec.EventBinary;
import org.tdaplatform.streaming.job.log.LogTopic;
import org.tdaplatform.streaming.job.log.OutputRecord;

class StreamsOperatorTest {
  private static List<Long> windows(List<OutputRecord> output) {
    return output.stream().filter(record -> record.topic == LogTopic.RESULTS).map(record -> result(record).getWindowSeq()).toList();
  }

  private static StreamResult result(OutputRecord record) {
    return decode(new EventBinary<>(StreamResult.getClassSchema()), record);
  }

  private static <T extends org.apache.avro.specific.SpecificRecord> T decode(EventBinary<T> binary, OutputRecord record) {
    try {
      return binary.decode(record.value, 0);
    } catch (IOException broken) {
      throw new IllegalStateException(broken);
    }
  }

  @Test
  void windowsThatWaitForTheEngineAreInTheCheckpoint() throws Exception {
    StreamDefinition definition = Events.definition(WindowType.tumbling);
    definition.setOutputs(List.of(StreamOutput.diagrams, StreamOutput.change_score));
    OperatorSubtaskState saved;
    List<OutputRecord> expected;
    try (OperatorHarness first = new OperatorHarness(null)) {
      first.define(definition);
      first.accept(Events.points("a", 1, 100, 150, 1_100, 1_300, 2_100, 2_600, 3_000));
      // No answer of the engine's has been taken: all three windows are in the key's queue.
      assertEquals(List.of(), first.output());
      saved = first.snapshot();
      expected = first.awaitOutput(3);
    }
    try (OperatorHarness restored = new OperatorHarness(saved)) {
      List<OutputRecord> again = restored.awaitOutput(3);
      assertEquals(List.of(0L, 1L, 2L), windows(again));
      for (int index = 0; index < 3; index++) {
        assertArrayEquals(expected.get(index).value, again.get(index).value);
        assertEquals(expected.get(index).id, again.get(index).id);
      }
      restored.accept(Events.flush(1, 7L, false));
      assertEquals(List.of(0L, 1L, 2L, 3L), windows(restored.awaitOutput(4)));
    }
  }

  @Test
  void recordsWaitForTheirDefinitionAcrossACheckpoint() throws Exception {
    OperatorSubtaskState saved;
    try (OperatorHarness first = new OperatorHarness(null)) {
      first.accept(Events.points("a", 1, 100, 1_100));
      saved = first.snapshot();
    }
    try (OperatorHarness restored = new OperatorHarness(saved)) {
      restored.define(Events.definition(WindowType.tumbling));
      assertEquals(List.of(0L), windows(restored.awaitOutput(1)));
    }
  }

  @Test
  void anIdleKeyIsFlushedOnceAndForgottenLater() throws Exception {
    try (OperatorHarness operator = new OperatorHarness(null)) {
      StreamDefinition definition = Events.definition(WindowType.tumbling);
      operator.setClock(1_000);
      operator.define(definition);
      operator.accept(Events.points("a", 1, 100));
      operator.setClock(1_000 + definition.getIdleTimeoutMs() - 1);
      operator.accept(Events.points("b", 1, 200));
      operator.setClock(1_000 + definition.getIdleTimeoutMs() + 100);
      assertEquals(List.of(), operator.output());
      operator.setClock(1_000 + 3 * definition.getIdleTimeoutMs());
      StreamEvent flush = decode(new EventBinary<>(StreamEvent.getClassSchema()), operator.awaitOutput(1).get(0));
      assertEquals(LogTopic.EVENTS, operator.output().get(0).topic);
      assertEquals(2L, flush.getLastSeq());
      assertEquals(false, flush.getForget());
      operator.setClock(1_000 + definition.getKeyTtlMs());
      assertEquals(1, operator.output().size());
      operator.setClock(2_000 + definition.getIdleTimeoutMs() + definition.getKeyTtlMs());
      StreamEvent forget = decode(new EventBinary<>(StreamEvent.getClassSchema()), operator.awaitOutput(2).get(1));
      assertEquals(2L, forget.getLastSeq());
      assertEquals(true, forget.getForget());
      // It does nothing until it is consumed.
      operator.accept(forget);
      assertEquals(List.of(0L), windows(operator.awaitOutput(3)));
    }
  }

  @Test
  void aKeyGoesOnAfterARecordThatCannotBeDecoded() throws Exception {
    try (OperatorHarness operator = new OperatorHarness(null)) {
      operator.define(Events.definition(WindowType.tumbling));
      operator.accept("stm\nk", "no record".getBytes(StandardCharsets.UTF_8));
      operator.accept("stm\nk", new byte[] {0, 0, 0, 1, 1, 5});
      operator.accept("stm\nk", new byte[] {0, 0, 0, 0, 1, 5});
      operator.accept(Events.points("a", 1, 100, 1_100));
      List<OutputRecord> output = operator.awaitOutput(4);
      for (OutputRecord record : output.subList(0, 3)) {
        StreamRejection rejection = decode(new EventBinary<>(StreamRejection.getClassSchema()), record);
        assertEquals("undecodable_record", rejection.getCode());
        assertEquals("stm", rejection.getStreamId());
        assertTrue(rejection.getRaw().hasRemaining());
      }
      assertEquals(List.of(0L), windows(output));
    }
  }

  @Test
  void aDeletedStreamLeavesNothingInTheState() throws Exception {
    try (OperatorHarness operator = new OperatorHarness(null)) {
      operator.define(Events.definition(WindowType.tumbling));
      operator.accept(Events.points("a", 1, 100));
      operator.snapshot();
      operator.delete("stm", 1);
      operator.accept(Events.points("b", 1, 5_000));
      operator.accept(Events.flush(1, null, false));
      OperatorSubtaskState saved = operator.snapshot();
      assertEquals(List.of(), operator.output());
      try (OperatorHarness restored = new OperatorHarness(saved)) {
        restored.accept(Events.points("c", 1, 100, 1_100));
        restored.accept(Events.flush(1, null, false));
        assertEquals(List.of(), restored.output());
      }
    }
  }
}
