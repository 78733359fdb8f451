import { DATASETS_SETTINGS } from "./settings/datasets.ts";
import { ENGINE_SETTINGS } from "./settings/engine.ts";
import { EVENT_LOG_SETTINGS } from "./settings/event-log.ts";
import { FEATURES_SETTINGS } from "./settings/features.ts";
import { IDENTITY_SETTINGS } from "./settings/identity.ts";
import { JOBS_SETTINGS } from "./settings/jobs.ts";
import { LIMITS_SETTINGS } from "./settings/limits.ts";
import { OPERATIONS_SETTINGS } from "./settings/operations.ts";
import { SERVER_SETTINGS } from "./settings/server.ts";
import { STORAGE_SETTINGS } from "./settings/storage.ts";
import { STREAMS_SETTINGS } from "./settings/streams.ts";
import { WEBHOOK_SETTINGS } from "./settings/webhooks.ts";

export type { SettingDefinition, SettingGroup } from "./settings/definition.ts";

/**
 * Every setting of the platform as data: the typed loader, `tda config print` and `docs/reference/settings.md` are
 * generated from these tables. The key is the setting's name in code, `name` its name in the environment and in files.
 */
export const settingDefinitions = {
  ...SERVER_SETTINGS,
  ...STORAGE_SETTINGS,
  ...EVENT_LOG_SETTINGS,
  ...DATASETS_SETTINGS,
  ...LIMITS_SETTINGS,
  ...ENGINE_SETTINGS,
  ...JOBS_SETTINGS,
  ...STREAMS_SETTINGS,
  ...IDENTITY_SETTINGS,
  ...WEBHOOK_SETTINGS,
  ...FEATURES_SETTINGS,
  ...OPERATIONS_SETTINGS,
};

export type SettingKey = keyof typeof settingDefinitions;

/** Names with our prefix that are no settings of the server: of the file itself, of clients, and of development tools. */
export const otherKnownNames: readonly string[] = [
  "TDA_CONFIG_FILE",
  "TDA_SERVER_URL",
  "TDA_API_KEY",
  "TDA_TOOLS_CACHE",
  "TDA_ENGINE_BUILD_DIR",
];
export const otherKnownPrefixes: readonly string[] = ["TDA_ACCEPTANCE_", "TDA_TEST_", "TDA_FUZZ_", "TDA_BENCH_"];

type ValueOf<D> = D extends { kind: "text" | "host" | "path" | "url" | "pem"; default: infer V }
  ? V extends null
    ? string | null
    : string
  : D extends { kind: "integer" | "number" | "bytes" }
    ? number
    : D extends { kind: "boolean" }
      ? boolean
      : D extends { kind: "choices"; choices: infer C extends readonly string[] }
        ? readonly C[number][]
        : D extends { kind: "choice"; choices: infer C extends readonly string[] }
          ? C[number]
          : D extends { kind: "origins" }
            ? readonly string[]
            : never;

/** The value of every setting, by its name in code. */
export type SettingValues = {
  readonly [K in SettingKey]: ValueOf<(typeof settingDefinitions)[K]>;
};
