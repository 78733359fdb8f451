import { readFileSync } from "node:fs";
import type { KafkaConnection } from "../adapters/kafka/kafka-connection.ts";
import type { Settings } from "../config/settings.ts";
import { StartError } from "../internal/start-error.ts";

/** How the settings reach Kafka; null: they do not. @throws StartError when the file of authorities cannot be read */
export function kafkaConnection(settings: Settings): KafkaConnection | null {
  const { kafkaBootstrapServers, kafkaSecurityProtocol, kafkaSaslUsername, kafkaSaslPassword } = settings;
  if (kafkaBootstrapServers === null) return null;
  const isEncrypted = kafkaSecurityProtocol.endsWith("SSL");
  return {
    bootstrapServers: kafkaBootstrapServers.split(",").map((server) => server.trim()),
    prefix: settings.kafkaTopicPrefix,
    compression: settings.kafkaCompression,
    sasl:
      kafkaSaslUsername === null || kafkaSaslPassword === null
        ? null
        : { mechanism: settings.kafkaSaslMechanism, username: kafkaSaslUsername, password: kafkaSaslPassword },
    tls: isEncrypted ? { ca: authorities(settings.kafkaSslCaFile) } : null,
  };
}

function authorities(file: string | null): string | null {
  if (file === null) return null;
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new StartError(`KAFKA_SSL_CA_FILE cannot be read: ${(error as Error).message}.`, { cause: error });
  }
}
