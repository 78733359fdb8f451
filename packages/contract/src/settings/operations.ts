import type { SettingDefinition } from "./definition.ts";

export const OPERATIONS_SETTINGS = {
  logLevel: {
    name: "TDA_LOG_LEVEL",
    kind: "choice",
    choices: ["trace", "debug", "info", "warn", "error", "fatal", "silent"],
    default: "info",
    group: "operations",
    since: "0.1.0",
    summary: "Least severe log line that is written.",
  },
  logFormat: {
    name: "TDA_LOG_FORMAT",
    kind: "choice",
    choices: ["auto", "json", "pretty"],
    default: "auto",
    group: "operations",
    since: "0.1.0",
    summary: "`auto` writes for people on a terminal and JSON lines elsewhere.",
  },
  metricsRequireKey: {
    name: "TDA_METRICS_REQUIRE_KEY",
    kind: "boolean",
    default: false,
    group: "operations",
    since: "0.1.0",
    summary: "Asks for an API key on `/metrics`.",
  },
  shutdownDelayMs: {
    name: "TDA_SHUTDOWN_DELAY_MS",
    kind: "integer",
    default: 0,
    minimum: 0,
    maximum: 600_000,
    group: "operations",
    since: "0.3.0",
    summary:
      "Time for which a stopping server still takes new connections, while `/health/ready` says no already: for load balancers to notice.",
  },
  shutdownTimeoutMs: {
    name: "TDA_SHUTDOWN_TIMEOUT_MS",
    kind: "integer",
    default: 25_000,
    minimum: 100,
    maximum: 3_600_000,
    group: "operations",
    since: "0.1.0",
    summary: "Time that requests in progress get to finish when the server stops; then they are cancelled.",
  },
} as const satisfies Record<string, SettingDefinition>;
