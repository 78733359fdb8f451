import { setTimeout as sleep } from "node:timers/promises";
import type { KafkaConnection } from "../../packages/server/src/adapters/kafka/kafka-connection.ts";
import { applyTopics } from "../../packages/server/src/adapters/kafka/kafka-topics.ts";

const attempts = 5;

/** On a machine at its limit a broker may need longer than a client waits; what was made is found. */
export async function makeTopics(connection: KafkaConnection): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await applyTopics(connection, { replicas: null, isDryRun: false });
      return;
    } catch (error) {
      if (attempt === attempts) throw error;
      await sleep(2_000);
    }
  }
}
