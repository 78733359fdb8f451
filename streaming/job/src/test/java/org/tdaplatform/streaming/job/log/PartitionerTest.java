package org.tdaplatform.streaming.job.log;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.clients.producer.internals.BuiltInPartitioner;
import org.apache.kafka.common.utils.Utils;
import org.junit.jupiter.api.Test;

/** The partition that the sink's client gives a key is the one that the other writers give it. */
class PartitionerTest {
  @Test
  void theVectorsOfThePartitioner() throws Exception {
    JsonNode vectors = new ObjectMapper().readTree(new File(System.getProperty("repository.root"), "streaming/golden/partitioner.json")).get("vectors");
    assertEquals(false, vectors.isEmpty());
    for (JsonNode vector : vectors) {
      byte[] key = vector.get("key").textValue().getBytes(StandardCharsets.UTF_8);
      assertEquals(vector.get("murmur2").intValue(), Utils.murmur2(key));
      vector
          .get("partitions")
          .fields()
          .forEachRemaining(
              entry ->
                  assertEquals(
                      entry.getValue().intValue(), BuiltInPartitioner.partitionForKey(key, Integer.parseInt(entry.getKey()))));
    }
  }
}
