import type { SettingDefinition } from "./definition.ts";

export const EVENT_LOG_SETTINGS = {
  kafkaBootstrapServers: {
    name: "KAFKA_BOOTSTRAP_SERVERS",
    kind: "text",
    default: null,
    group: "events",
    since: "0.1.0",
    summary:
      "Kafka brokers to begin with, `host:port`, comma-separated (4.0 or newer). Unset: the event log is in the database. Its topics are made by `tda topics apply`.",
  },
  kafkaTopicPrefix: {
    name: "KAFKA_TOPIC_PREFIX",
    kind: "text",
    default: "tda_",
    group: "events",
    since: "0.1.0",
    summary: "First part of every topic's name in Kafka, and of the subjects in the schema registry.",
  },
  kafkaSecurityProtocol: {
    name: "KAFKA_SECURITY_PROTOCOL",
    kind: "choice",
    choices: ["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"],
    default: "PLAINTEXT",
    group: "events",
    since: "0.4.0",
    summary: "How the brokers are spoken to: with `SSL` encrypted, with `SASL` by name and password.",
  },
  kafkaSaslMechanism: {
    name: "KAFKA_SASL_MECHANISM",
    kind: "choice",
    choices: ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"],
    default: "SCRAM-SHA-512",
    group: "events",
    since: "0.4.0",
    summary: "How name and password are shown to the brokers; `PLAIN` sends the password itself.",
  },
  kafkaSaslUsername: {
    name: "KAFKA_SASL_USERNAME",
    kind: "text",
    default: null,
    group: "events",
    since: "0.4.0",
    summary: "Name at the brokers.",
  },
  kafkaSaslPassword: {
    name: "KAFKA_SASL_PASSWORD",
    kind: "text",
    default: null,
    secret: "value",
    group: "events",
    since: "0.4.0",
    summary: "Password at the brokers.",
  },
  kafkaSslCaFile: {
    name: "KAFKA_SSL_CA_FILE",
    kind: "path",
    default: null,
    group: "events",
    since: "0.4.0",
    summary:
      "Certificates (PEM) of the authorities that the brokers' certificates must come from. Unset: the usual ones.",
  },
  kafkaCompression: {
    name: "KAFKA_COMPRESSION",
    kind: "choice",
    choices: ["none", "lz4"],
    default: "lz4",
    group: "events",
    since: "0.4.0",
    summary: "How batches of records are compressed on the way to the brokers and there.",
  },
  schemaRegistryUrl: {
    name: "TDA_SCHEMA_REGISTRY_URL",
    kind: "url",
    default: null,
    secret: "password",
    group: "events",
    since: "0.4.0",
    summary:
      "Schema registry with Confluent's interface, for the schemas of events; Apicurio's address ends in `/apis/ccompat/v7`. Unset: a table of the database.",
  },
} as const satisfies Record<string, SettingDefinition>;
