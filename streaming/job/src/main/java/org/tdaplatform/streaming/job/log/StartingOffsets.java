package org.tdaplatform.streaming.job.log;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.kafka.clients.consumer.OffsetResetStrategy;
import org.apache.kafka.common.TopicPartition;

/**
 * Where a job without saved state begins: at the first record, or where its group was. Offsets are said once, here: a restored job whose records are
 * gone fails, where `auto.offset.reset` would leave a gap in silence.
 */
public final class StartingOffsets implements OffsetsInitializer {
  private static final long serialVersionUID = 1L;
  private final boolean isCommitted;

  public StartingOffsets(boolean isCommitted) {
    this.isCommitted = isCommitted;
  }

  @Override
  public Map<TopicPartition, Long> getPartitionOffsets(Collection<TopicPartition> partitions, PartitionOffsetsRetriever retriever) {
    Map<TopicPartition, Long> offsets = new HashMap<>(retriever.beginningOffsets(partitions));
    if (isCommitted) {
      offsets.putAll(retriever.committedOffsets(partitions));
    }
    return offsets;
  }

  @Override
  public OffsetResetStrategy getAutoOffsetResetStrategy() {
    return OffsetResetStrategy.NONE;
  }
}
