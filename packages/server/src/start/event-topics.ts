import type { AppliedTopic, ApplyOptions } from "../adapters/kafka/kafka-topics.ts";
import { loadSettings } from "../config/settings.ts";
import { DependencyUnavailable } from "../domain/errors.ts";
import { StartError } from "../internal/start-error.ts";
import { kafkaConnection } from "./kafka-connection.ts";

export type { AppliedTopic } from "../adapters/kafka/kafka-topics.ts";

/** Makes and sets the topics in the Kafka of the settings. @throws SettingsError, StartError */
export async function applyEventTopics(
  env: Readonly<Record<string, string | undefined>>,
  options: ApplyOptions,
): Promise<readonly AppliedTopic[]> {
  const connection = kafkaConnection(loadSettings(env));
  if (connection === null) {
    throw new StartError(
      "KAFKA_BOOTSTRAP_SERVERS is not set: the event log is in the database, whose topics the server makes itself.",
    );
  }
  const { applyTopics } = await import("../adapters/kafka/kafka-topics.ts");
  try {
    return await applyTopics(connection, options);
  } catch (error) {
    throw error instanceof DependencyUnavailable ? new StartError(`${error.message}.`, { cause: error }) : error;
  }
}
