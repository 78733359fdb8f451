import type { SettingDefinition } from "./definition.ts";

export const SERVER_SETTINGS = {
  apiHost: {
    name: "API_HOST",
    kind: "host",
    default: "127.0.0.1",
    group: "server",
    since: "0.1.0",
    summary: "Address or host name to listen on. Anything but a loopback address opens the server to the network.",
  },
  apiPort: {
    name: "API_PORT",
    kind: "integer",
    default: 8000,
    minimum: 0,
    maximum: 65535,
    group: "server",
    since: "0.1.0",
    summary: "TCP port to listen on; 0 takes a free one.",
  },
  apiWorkers: {
    name: "API_WORKERS",
    kind: "integer",
    default: 1,
    minimum: 1,
    maximum: 256,
    group: "server",
    since: "0.1.0",
    summary:
      "Server processes that share the port; SIGUSR2 renews them one after the other. Engine processes, concurrent computations and cached bytes are divided among them.",
  },
  roles: {
    name: "TDA_ROLES",
    kind: "choices",
    choices: ["serve", "work", "relay", "sink", "stream"],
    default: ["serve", "work", "relay", "sink", "stream"],
    group: "server",
    since: "0.3.0",
    summary:
      "What this instance does: `serve` answers the API, `work` runs jobs, `relay` passes events on, `sink` stores results of streams, `stream` computes windows. Without `serve` it answers health and metrics only. `tda serve --roles` says the same.",
  },
  streamRunner: {
    name: "TDA_STREAM_RUNNER",
    kind: "choice",
    choices: ["embedded", "flink"],
    default: "embedded",
    group: "server",
    since: "0.4.0",
    summary:
      "What computes the windows of streams: `embedded`, the instances with the role `stream`; `flink`, the Flink job, and no instance does. Results are the same.",
  },
  nodeEnv: {
    name: "NODE_ENV",
    kind: "text",
    default: "development",
    group: "server",
    since: "0.1.0",
    summary: "`production` refuses what is only for development.",
  },
  corsOrigins: {
    name: "TDA_CORS_ORIGINS",
    kind: "origins",
    default: [],
    group: "server",
    since: "0.1.0",
    summary:
      "Origins that browsers may call from, comma-separated, such as `https://console.example.org`. Ignored with authentication off.",
  },
} as const satisfies Record<string, SettingDefinition>;
