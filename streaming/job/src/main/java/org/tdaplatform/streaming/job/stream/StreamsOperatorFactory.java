package org.tdaplatform.streaming.job.stream;

import org.apache.flink.streaming.api.operators.AbstractStreamOperatorFactory;
import org.apache.flink.streaming.api.operators.ChainingStrategy;
import org.apache.flink.streaming.api.operators.StreamOperator;
import org.apache.flink.streaming.api.operators.StreamOperatorParameters;
import org.apache.flink.streaming.api.operators.TwoInputStreamOperatorFactory;
import org.tdaplatform.streaming.job.log.OutputRecord;
import org.tdaplatform.streaming.job.log.RawRecord;
import org.tdaplatform.streaming.job.registry.SchemaSource;
import org.tdaplatform.streaming.job.settings.EngineOptions;

/** Makes {@link StreamsOperator} where it runs. */
public final class StreamsOperatorFactory extends AbstractStreamOperatorFactory<OutputRecord>
    implements TwoInputStreamOperatorFactory<RawRecord, RawRecord, OutputRecord> {
  private static final long serialVersionUID = 1L;

  private final SchemaSource schemas;
  private final EngineOptions engine;

  public StreamsOperatorFactory(SchemaSource schemas, EngineOptions engine) {
    this.schemas = schemas;
    this.engine = engine;
    setChainingStrategy(ChainingStrategy.ALWAYS);
  }

  @Override
  @SuppressWarnings("unchecked")
  public <T extends StreamOperator<OutputRecord>> T createStreamOperator(StreamOperatorParameters<OutputRecord> parameters) {
    return (T) new StreamsOperator(parameters, schemas, engine, parameters.getMailboxExecutor());
  }

  @Override
  @SuppressWarnings("rawtypes")
  public Class<? extends StreamOperator> getStreamOperatorClass(ClassLoader classLoader) {
    return StreamsOperator.class;
  }
}
