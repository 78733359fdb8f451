import { GiB, MiB, type SettingDefinition, TiB } from "./definition.ts";

export const ENGINE_SETTINGS = {
  engineHosts: {
    name: "TDA_ENGINE_HOSTS",
    kind: "integer",
    default: "auto",
    automatic: "the number of processors, 8 at most",
    minimum: 1,
    maximum: 1024,
    group: "engine",
    since: "0.1.0",
    summary: "Engine processes kept warm.",
  },
  engineHostRecycleBytes: {
    name: "TDA_ENGINE_HOST_RECYCLE_BYTES",
    kind: "bytes",
    default: GiB,
    minimum: MiB,
    maximum: 64 * TiB,
    group: "engine",
    since: "0.1.0",
    summary: "Resident memory above which an idle engine process is replaced.",
  },
  engineHostExecutable: {
    name: "TDA_ENGINE_HOST_EXECUTABLE",
    kind: "path",
    default: null,
    group: "engine",
    since: "0.1.0",
    summary: "The engine's executable. Unset: the one that `npm start` built.",
  },
} as const satisfies Record<string, SettingDefinition>;
