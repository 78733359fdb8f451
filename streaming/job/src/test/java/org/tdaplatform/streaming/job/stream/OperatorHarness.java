package org.tdaplatform.streaming.job.stream;

import java.util.List;
import java.util.Optional;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeutils.base.StringSerializer;
import org.apache.flink.api.java.functions.KeySelector;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.api.operators.TwoInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.runtime.tasks.mailbox.Mail;
import org.apache.flink.streaming.util.AbstractStreamOperatorTestHarness;
import org.tdaplatform.events.StreamDefinition;
import org.tdaplatform.events.StreamEvent;
import org.tdaplatform.streaming.codec.EventBinary;
import org.tdaplatform.streaming.codec.RecordKey;
import org.tdaplatform.streaming.job.FixedSchemas;
import org.tdaplatform.streaming.job.TestLog;
import org.tdaplatform.streaming.job.log.LogTopic;
import org.tdaplatform.streaming.job.log.OutputRecord;
import org.tdaplatform.streaming.job.log.RawRecord;
import org.tdaplatform.streaming.job.registry.WireFormat;
import org.tdaplatform.streaming.job.settings.EngineOptions;

/** The operator by itself, with a clock of the test's; the engine's answers are taken when the test says so. */
final class OperatorHarness implements AutoCloseable {
  private final AbstractStreamOperatorTestHarness<OutputRecord> harness;
  private final TwoInputStreamOperator<RawRecord, RawRecord, OutputRecord> operator;
  private final WireFormat<StreamDefinition> definitions = new WireFormat<>(new FixedSchemas(), LogTopic.STREAMS);
  private final WireFormat<StreamEvent> events = new WireFormat<>(new FixedSchemas(), LogTopic.EVENTS);
  private long offset;

  /** @param state null: at the beginning */
  @SuppressWarnings("unchecked")
  OperatorHarness(OperatorSubtaskState state) throws Exception {
    EngineOptions engine = new EngineOptions(TestLog.engineHost().toString(), 1, 0);
    harness = new AbstractStreamOperatorTestHarness<>(new StreamsOperatorFactory(new FixedSchemas(), engine), 128, 1, 0);
    KeySelector<RawRecord, String> byKey = RawRecord::key;
    harness.getStreamConfig().setStatePartitioner(0, byKey);
    harness.getStreamConfig().setStateKeySerializer(StringSerializer.INSTANCE);
    harness.getStreamConfig().serializeAllConfigs();
    harness.setup(TypeInformation.of(OutputRecord.class).createSerializer(harness.getExecutionConfig().getSerializerConfig()));
    if (state == null) {
      harness.initializeEmptyState();
    } else {
      harness.initializeState(state);
    }
    harness.open();
    operator = (TwoInputStreamOperator<RawRecord, RawRecord, OutputRecord>) (TwoInputStreamOperator<?, ?, ?>) harness.getOperator();
  }

  void define(StreamDefinition definition) throws Exception {
    byte[] value = definitions.frame(new EventBinary<StreamDefinition>(StreamDefinition.getClassSchema()).encode(definition));
    second(new RawRecord(0, offset++, 0, definition.getStreamId() + "\n" + definition.getVersion(), value));
  }

  void delete(String streamId, int version) throws Exception {
    second(new RawRecord(0, offset++, 0, streamId + "\n" + version, null));
  }

  private void second(RawRecord record) throws Exception {
    operator.processElement2(new StreamRecord<>(record));
  }

  void accept(StreamEvent event) throws Exception {
    byte[] value = events.frame(new EventBinary<StreamEvent>(StreamEvent.getClassSchema()).encode(event));
    accept(RecordKey.of(event.getStreamId(), event.getKey()), value);
  }

  void accept(String key, byte[] value) throws Exception {
    StreamRecord<RawRecord> record = new StreamRecord<>(new RawRecord(3, offset++, 9, key, value));
    operator.setKeyContextElement1(record);
    operator.processElement1(record);
  }

  void setClock(long now) throws Exception {
    harness.setProcessingTime(now);
  }

  List<OutputRecord> output() {
    return harness.extractOutputValues();
  }

  /** What was written, once it is so much. */
  List<OutputRecord> awaitOutput(int count) throws Exception {
    while (output().size() < count) {
      Optional<Mail> mail = harness.getTaskMailbox().tryTake(0);
      if (mail.isPresent()) {
        mail.get().run();
      } else {
        Thread.sleep(1);
      }
    }
    return output();
  }

  OperatorSubtaskState snapshot() throws Exception {
    return harness.snapshot(1, 1);
  }

  @Override
  public void close() throws Exception {
    harness.close();
  }
}
