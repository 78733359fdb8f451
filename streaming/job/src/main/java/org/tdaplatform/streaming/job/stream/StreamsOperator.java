package org.tdaplatform.streaming.job.stream;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledFuture;
import java.util.function.Predicate;
import org.apache.flink.api.common.operators.MailboxExecutor;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.typeutils.base.StringSerializer;
import org.apache.flink.api.common.typeutils.base.array.BytePrimitiveArraySerializer;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.runtime.state.StateInitializationContext;
import org.apache.flink.runtime.state.StateSnapshotContext;
import org.apache.flink.runtime.state.VoidNamespace;
import org.apache.flink.runtime.state.VoidNamespaceSerializer;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.InternalTimer;
import org.apache.flink.streaming.api.operators.StreamOperatorParameters;
import org.apache.flink.streaming.api.operators.Triggerable;
import org.apache.flink.streaming.api.operators.TwoInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.tdaplatform.events.StreamDefinition;
import org.tdaplatform.events.StreamEvent;
import org.tdaplatform.events.StreamEventKind;
import org.tdaplatform.streaming.codec.RecordKey;
import org.tdaplatform.streaming.engine.EnginePool;
import org.tdaplatform.streaming.job.log.LogTopic;
import org.tdaplatform.streaming.job.log.OutputRecord;
import org.tdaplatform.streaming.job.log.RawRecord;
import org.tdaplatform.streaming.job.registry.SchemaSource;
import org.tdaplatform.streaming.job.registry.WireFormat;
import org.tdaplatform.streaming.job.settings.EngineOptions;
import org.tdaplatform.streaming.window.Emission;
import org.tdaplatform.streaming.window.KeyProcessor;
import org.tdaplatform.streaming.window.LogEvent;
import org.tdaplatform.streaming.window.Rejections;

/**
 * The streams of a task's keys: first input the records of the topic `events` by key, second one those of `streams`, on every task.
 *
 * <p>Windows wait for the engine in their key's queue, which is part of the key's state. Flink's own asynchronous operator keeps what it waits for by
 * task and not by key: after a change of the parallelism a key's windows could come out of order.
 */
public final class StreamsOperator extends AbstractStreamOperator<OutputRecord>
    implements TwoInputStreamOperator<RawRecord, RawRecord, OutputRecord>, Triggerable<String, VoidNamespace> {
  private static final long serialVersionUID = 1L;

  /** Names of states: part of every savepoint. */
  private static final MapStateDescriptor<String, byte[]> DEFINITIONS =
      new MapStateDescriptor<>("definitions", StringSerializer.INSTANCE, BytePrimitiveArraySerializer.INSTANCE);

  private static final String TIMERS = "key-timers";

  /** Windows that wait for the engine in a task. One record may give more, and is finished first. */
  private static final int IN_FLIGHT_LIMIT = 256;

  /** A sixth of the standard time limit of a checkpoint. */
  private static final long LONGEST_WAIT_MS = 20_000;

  private final SchemaSource schemas;
  private final EngineOptions engineOptions;
  private final transient MailboxExecutor mailbox;

  private transient EngineHolder engineHolder;
  private transient KnownDefinitions definitions;
  private transient KeyProcessor processor;
  private transient KeyStore keys;
  private transient KeyTimers timers;
  private transient KeyQueues queues;
  private transient Outputs outputs;
  private transient WireFormat<StreamEvent> events;
  private transient WireFormat<StreamDefinition> definitionFormat;
  private transient Counter points;
  private transient Counter undecodable;

  StreamsOperator(
      StreamOperatorParameters<OutputRecord> parameters, SchemaSource schemas, EngineOptions engineOptions, MailboxExecutor mailbox) {
    super(parameters);
    this.schemas = schemas;
    this.engineOptions = engineOptions;
    this.mailbox = mailbox;
  }

  @Override
  public void initializeState(StateInitializationContext context) throws Exception {
    super.initializeState(context);
    definitions = new KnownDefinitions(getOperatorStateBackend().getBroadcastState(DEFINITIONS));
    processor = new KeyProcessor(definitions);
    keys = new KeyStore(getKeyedStateBackend(), context.getKeyedStateStore());
  }

  @Override
  public void open() throws Exception {
    super.open();
    events = new WireFormat<>(schemas, LogTopic.EVENTS);
    definitionFormat = new WireFormat<>(schemas, LogTopic.STREAMS);
    outputs = new Outputs();
    timers = new KeyTimers(getInternalTimerService(TIMERS, VoidNamespaceSerializer.INSTANCE, this), definitions, outputs);
    MetricGroup metrics = getMetricGroup().addGroup("tda");
    points = metrics.counter("points");
    undecodable = metrics.counter("undecodable_records");
    engineHolder = new EngineHolder(engineOptions);
    EnginePool engine = engineHolder.acquire();
    queues = new KeyQueues(engine, outputs, this::emit, this::resumeLater, metrics);
    for (String name : keys.names(KeyStore.QUEUE, entry -> false)) {
      queues.restart(keys.get(name));
    }
  }

  @Override
  public void processElement1(StreamRecord<RawRecord> element) throws Exception {
    awaitRoom();
    RawRecord record = element.getValue();
    KeyEntry entry = keys.get(record.key);
    StreamEvent event = decode(record);
    entry.isDirty = true;
    if (event == null) {
      undecodable.inc();
      byte[] raw = record.value == null ? new byte[0] : record.value;
      queues.add(entry, new Emission.Rejection(Rejections.ofRecord(record.partition, record.offset, record.timestamp, record.key, raw)));
    } else {
      points.inc(event.getPoints().size());
      processor.accept(entry.key, new LogEvent(record.partition, record.offset, event), emission -> queues.add(entry, emission));
      if (event.getKind() == StreamEventKind.points || entry.lastRecordAt == KeyEntry.NONE) {
        timers.touched(entry);
      }
    }
    queues.drain(entry);
    keys.evict();
  }

  /**
   * Waits while too many windows are with the engine, but not for long: a checkpoint's barrier is behind the record, and comes before the checkpoint's time
   * is over even if each window takes minutes.
   */
  private void awaitRoom() throws InterruptedException {
    if (queues.inFlight() < IN_FLIGHT_LIMIT) {
      return;
    }
    long deadline = getProcessingTimeService().getCurrentProcessingTime() + LONGEST_WAIT_MS;
    ScheduledFuture<?> alarm = getProcessingTimeService().registerTimer(deadline, time -> {});
    while (queues.inFlight() >= IN_FLIGHT_LIMIT && getProcessingTimeService().getCurrentProcessingTime() < deadline) {
      mailbox.yield();
    }
    alarm.cancel(false);
  }

  /** null: it is no event, or one that the log has under another key. */
  private StreamEvent decode(RawRecord record) {
    try {
      StreamEvent event = events.decode(record.value);
      return RecordKey.of(event.getStreamId(), event.getKey()).equals(record.key) ? event : null;
    } catch (IOException undecodableRecord) {
      LOG.debug("Record {}:{} cannot be decoded.", record.partition, record.offset, undecodableRecord);
      return null;
    }
  }

  @Override
  public void processElement2(StreamRecord<RawRecord> element) throws Exception {
    RawRecord record = element.getValue();
    if (record.value == null) {
      if (definitions.delete(record.key)) {
        String streamId = record.key.substring(0, record.key.indexOf('\n'));
        changed(streamId, KeyStore.WINDOWS, entry -> entry.key.state != null);
        changed(streamId, KeyStore.WAITING, entry -> entry.key.waiting != null);
      }
      return;
    }
    try {
      StreamDefinition definition = definitionFormat.decode(record.value);
      definitions.add(definition);
      changed(definition.getStreamId(), KeyStore.WAITING, entry -> entry.key.waiting != null);
    } catch (IOException undecodableRecord) {
      undecodable.inc();
      LOG.error("The definition {} cannot be decoded: what it means is not known.", record.key, undecodableRecord);
    }
  }

  private void changed(String streamId, String state, Predicate<KeyEntry> inMemory) throws Exception {
    for (String name : keys.names(state, inMemory)) {
      if (!name.startsWith(streamId + "\n")) {
        continue;
      }
      KeyEntry entry = keys.get(name);
      entry.isDirty = true;
      processor.definitionsChanged(entry.key, streamId, emission -> queues.add(entry, emission));
      if (entry.key.state != null) {
        timers.touched(entry);
      }
      queues.drain(entry);
      keys.evict();
    }
  }

  /** From a thread of the engine's: the queue goes on where it waited for this. */
  private void resumeLater(CompletableFuture<?> answer, KeyEntry entry) {
    answer.whenComplete((value, failure) -> mailbox.execute(() -> resume(entry), "answer of the engine"));
  }

  private void resume(KeyEntry entry) {
    getKeyedStateBackend().setCurrentKey(entry.name);
    queues.drain(entry);
  }

  private void emit(OutputRecord record) {
    output.collect(new StreamRecord<>(record));
  }

  @Override
  public void onProcessingTime(InternalTimer<String, VoidNamespace> timer) throws Exception {
    KeyEntry entry = keys.get(timer.getKey());
    entry.isDirty = true;
    timers.fired(entry, this::emit);
  }

  @Override
  public void onEventTime(InternalTimer<String, VoidNamespace> timer) {
    throw new IllegalStateException("Event time is the keys' own: there are no such timers.");
  }

  @Override
  public void snapshotState(StateSnapshotContext context) throws Exception {
    super.snapshotState(context);
    keys.saveAll();
  }

  /** No more records come: what waits for the engine is written first. */
  @Override
  public void finish() throws Exception {
    while (queues.inFlight() > 0) {
      mailbox.yield();
    }
    super.finish();
  }

  @Override
  public void close() throws Exception {
    if (engineHolder != null) {
      engineHolder.release();
      engineHolder = null;
    }
    super.close();
  }
}
