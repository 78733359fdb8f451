package org.tdaplatform.streaming.job;

import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.functions.KeySelector;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.transformations.TwoInputTransformation;
import org.tdaplatform.streaming.job.log.OutputRecord;
import org.tdaplatform.streaming.job.log.RawRecord;
import org.tdaplatform.streaming.job.registry.SchemaSource;
import org.tdaplatform.streaming.job.settings.EngineOptions;
import org.tdaplatform.streaming.job.statistics.JobChange;
import org.tdaplatform.streaming.job.statistics.JobHistory;
import org.tdaplatform.streaming.job.statistics.MinuteStatistics;
import org.tdaplatform.streaming.job.stream.StreamsOperatorFactory;

/** From records of the log to records for it, wherever they come from and go to. */
public final class Topology {
  /** Key groups: fixed for the life of all savepoints, and the largest parallelism. */
  public static final int MAX_PARALLELISM = 128;

  private Topology() {}

  /** The streams: one operator, keyed by the record's key in the log, and on every task all definitions. */
  public static DataStream<OutputRecord> streams(
      DataStream<RawRecord> events, DataStream<RawRecord> definitions, SchemaSource schemas, EngineOptions engine) {
    StreamExecutionEnvironment environment = events.getExecutionEnvironment();
    KeySelector<RawRecord, String> byKey = RawRecord::key;
    TwoInputTransformation<RawRecord, RawRecord, OutputRecord> transformation =
        new TwoInputTransformation<>(
            events.keyBy(byKey).getTransformation(),
            definitions.broadcast().getTransformation(),
            "streams",
            new StreamsOperatorFactory(schemas, engine),
            TypeInformation.of(OutputRecord.class),
            environment.getParallelism(),
            false);
    transformation.setStateKeySelectors(byKey, null);
    transformation.setStateKeyType(Types.STRING);
    transformation.setUid(OperatorIds.STREAMS);
    environment.addOperator(transformation);
    return new DataStream<>(environment, transformation);
  }

  /** Counts of jobs by algorithm and minute. */
  public static DataStream<OutputRecord> statistics(DataStream<RawRecord> jobs, SchemaSource schemas) {
    return jobs.keyBy(RawRecord::key, Types.STRING)
        .process(new JobHistory(schemas))
        .name(OperatorIds.JOB_HISTORY)
        .uid(OperatorIds.JOB_HISTORY)
        .keyBy(JobChange::key, Types.STRING)
        .process(new MinuteStatistics())
        .name(OperatorIds.JOB_STATISTICS)
        .uid(OperatorIds.JOB_STATISTICS);
  }
}
