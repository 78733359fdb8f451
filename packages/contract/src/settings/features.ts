import type { SettingDefinition } from "./definition.ts";

export const FEATURES_SETTINGS = {
  featureEnableAuthentication: {
    name: "FEATURE_ENABLE_AUTHENTICATION",
    kind: "boolean",
    default: true,
    group: "features",
    since: "0.1.0",
    summary:
      "Off is accepted only on a loopback API_HOST; every caller is then administrator of the default project, and requests from elsewhere are refused.",
  },
  featureEnableCaching: {
    name: "FEATURE_ENABLE_CACHING",
    kind: "boolean",
    default: true,
    group: "features",
    since: "0.1.0",
    summary: "Answers a repeated computation from the cache.",
  },
  featureEnableMetrics: {
    name: "FEATURE_ENABLE_METRICS",
    kind: "boolean",
    default: true,
    group: "features",
    since: "0.1.0",
    summary: "Serves `/metrics` for Prometheus.",
  },
  featureEnableTracing: {
    name: "FEATURE_ENABLE_TRACING",
    kind: "boolean",
    default: false,
    group: "features",
    since: "0.1.0",
    summary: "Exports OpenTelemetry traces. Planned for 0.4.0 and refused until then.",
  },
  featureMockCppEngine: {
    name: "FEATURE_MOCK_CPP_ENGINE",
    kind: "boolean",
    default: false,
    group: "features",
    since: "0.1.0",
    summary:
      "Computes with the small TypeScript engine (exact, slow, limited in size), for work without a C++ compiler. Refused when NODE_ENV is `production`.",
  },
} as const satisfies Record<string, SettingDefinition>;
