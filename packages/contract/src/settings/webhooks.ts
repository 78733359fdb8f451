import type { SettingDefinition } from "./definition.ts";

export const WEBHOOK_SETTINGS = {
  webhookAllowPrivateAddresses: {
    name: "TDA_WEBHOOK_ALLOW_PRIVATE_ADDRESSES",
    kind: "boolean",
    default: false,
    group: "webhooks",
    since: "0.3.0",
    summary:
      "Lets webhooks go to loopback, private and link-local addresses: whoever may submit jobs can then reach these networks from the server. Services that hand out a machine's credentials stay refused.",
  },
  webhookAllowHttp: {
    name: "TDA_WEBHOOK_ALLOW_HTTP",
    kind: "boolean",
    default: false,
    group: "webhooks",
    since: "0.3.0",
    summary: "Lets webhooks go to `http` URLs, unencrypted, beside `https`.",
  },
  webhookMaxAttempts: {
    name: "TDA_WEBHOOK_MAX_ATTEMPTS",
    kind: "integer",
    default: 10,
    minimum: 1,
    maximum: 100,
    group: "webhooks",
    since: "0.3.0",
    summary:
      "Attempts of a webhook before it is dead. The wait between two begins at 5 seconds and quadruples up to 8 hours: ten attempts take about a day.",
  },
  webhookTimeoutMs: {
    name: "TDA_WEBHOOK_TIMEOUT_MS",
    kind: "integer",
    default: 10_000,
    minimum: 100,
    maximum: 60_000,
    group: "webhooks",
    since: "0.3.0",
    summary: "Time for one attempt: name look-up, connection, request and answer.",
  },
  webhookConcurrency: {
    name: "TDA_WEBHOOK_CONCURRENCY",
    kind: "integer",
    default: 16,
    minimum: 1,
    maximum: 1_000,
    group: "webhooks",
    since: "0.3.0",
    summary: "Webhooks that an instance with the role `work` delivers at the same time, of which 4 to one host.",
  },
  webhookRetentionDays: {
    name: "TDA_WEBHOOK_RETENTION_DAYS",
    kind: "integer",
    default: 30,
    minimum: 1,
    maximum: 36_500,
    group: "webhooks",
    since: "0.3.0",
    summary: "Days after which a delivered or dead webhook is removed from the log of deliveries.",
  },
} as const satisfies Record<string, SettingDefinition>;
