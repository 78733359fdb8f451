package org.tdaplatform.streaming.job.stream;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.apache.flink.api.common.state.BroadcastState;
import org.tdaplatform.events.StreamDefinition;
import org.tdaplatform.streaming.codec.SavedEvents;
import org.tdaplatform.streaming.window.Definitions;

/** The definitions of the topic `streams`, as broadcast state, and read once in memory. */
final class KnownDefinitions implements Definitions {
  private record Version(String streamId, int version) {}

  /** In the place of a definition: the stream was deleted. */
  private static final byte[] DELETED = {};

  private final BroadcastState<String, byte[]> saved;
  private final SavedEvents<StreamDefinition> binary = new SavedEvents<>(StreamDefinition.getClassSchema());
  private final Map<Version, StreamDefinition> definitions = new HashMap<>();
  private final Set<String> deleted = new HashSet<>();

  /** @param saved by stream id, a line feed, version; of deleted streams by stream id */
  KnownDefinitions(BroadcastState<String, byte[]> saved) throws Exception {
    this.saved = saved;
    for (Map.Entry<String, byte[]> entry : saved.immutableEntries()) {
      if (entry.getValue().length == 0) {
        deleted.add(entry.getKey());
      } else {
        remember(binary.decode(entry.getValue()));
      }
    }
  }

  private void remember(StreamDefinition definition) {
    definitions.put(new Version(definition.getStreamId(), definition.getVersion()), definition);
  }

  @Override
  public StreamDefinition find(String streamId, int version) {
    return definitions.get(new Version(streamId, version));
  }

  @Override
  public boolean isDeleted(String streamId) {
    return deleted.contains(streamId);
  }

  void add(StreamDefinition definition) throws Exception {
    saved.put(definition.getStreamId() + "\n" + definition.getVersion(), binary.encode(definition));
    remember(definition);
  }

  /**
   * @param recordKey stream id, a line feed, version
   * @return whether the stream was there until now
   */
  boolean delete(String recordKey) throws Exception {
    int feed = recordKey.indexOf('\n');
    if (feed < 0) {
      return false;
    }
    String streamId = recordKey.substring(0, feed);
    saved.remove(recordKey);
    saved.put(streamId, DELETED);
    definitions.keySet().removeIf(version -> recordKey.equals(version.streamId() + "\n" + version.version()));
    return deleted.add(streamId);
  }
}
