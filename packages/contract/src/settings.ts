/**
 * Every setting of the platform as data: the typed loader, `tda config print` and `docs/reference/settings.md` are
 * generated from this table. The key is the setting's name in code, `name` its name in the environment and in files.
 */

interface Described {
  /** Name in the environment and in a configuration file. */
  readonly name: string;
  readonly group: SettingGroup;
  /** One or two sentences for the reference page, without the default. */
  readonly summary: string;
  /** First release that knows it. */
  readonly since: string;
  /** `value`: never shown. `password`: a URL whose password is never shown. */
  readonly secret?: "value" | "password";
  /** For a default of `auto`: what it becomes. */
  readonly automatic?: string;
}

export type SettingGroup = "server" | "storage" | "limits" | "engine" | "identity" | "features" | "operations";

/** `null` as default: not set. `auto` as default: worked out at start, as `automatic` says. */
export type SettingDefinition =
  | (Described & { readonly kind: "text" | "host" | "path" | "url" | "pem"; readonly default: string | null })
  | (Described & {
      /** `bytes` also takes KiB, MiB and GiB. `integer` and `number` are plain; the unit is the end of the name. */
      readonly kind: "integer" | "number" | "bytes";
      readonly default: number | "auto";
      readonly minimum: number;
      readonly maximum: number;
    })
  | (Described & { readonly kind: "boolean"; readonly default: boolean })
  | (Described & { readonly kind: "choice"; readonly choices: readonly string[]; readonly default: string })
  /** Comma-separated in the environment. */
  | (Described & { readonly kind: "origins"; readonly default: readonly string[] });

const KiB = 1024;
const MiB = 1024 * KiB;
const GiB = 1024 * MiB;
const TiB = 1024 * GiB;

export const settingDefinitions = {
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
    summary: "Server processes that share the port. More than one is planned for 0.3.0 and refused until then.",
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
  dataDir: {
    name: "TDA_DATA_DIR",
    kind: "path",
    default: ".tda",
    group: "storage",
    since: "0.1.0",
    summary:
      "Folder of everything the server keeps: `keys/`, `postgres/` and `run/` are made inside it; whatever else it holds is left alone.",
  },
  databaseUrl: {
    name: "DATABASE_URL",
    kind: "url",
    default: null,
    secret: "password",
    group: "storage",
    since: "0.1.0",
    summary: "PostgreSQL server (14 or newer) to use. Unset: an embedded PostgreSQL in the data folder.",
  },
  databaseOwnerUrl: {
    name: "TDA_DATABASE_OWNER_URL",
    kind: "url",
    default: null,
    secret: "password",
    group: "storage",
    since: "0.1.0",
    summary:
      "The same database as DATABASE_URL by the role that owns the tables: it runs the migrations, and DATABASE_URL's role then needs no rights of its own.",
  },
  databasePoolSize: {
    name: "TDA_DATABASE_POOL_SIZE",
    kind: "integer",
    default: 8,
    minimum: 2,
    maximum: 200,
    group: "storage",
    since: "0.1.0",
    summary: "Connections to the database that are open at most.",
  },
  databaseStatementTimeoutMs: {
    name: "TDA_DATABASE_STATEMENT_TIMEOUT_MS",
    kind: "integer",
    default: 10_000,
    minimum: 100,
    maximum: 3_600_000,
    group: "storage",
    since: "0.1.0",
    summary: "Time after which the database gives up one statement of a request. Migrations have no such limit.",
  },
  computationRetentionDays: {
    name: "TDA_COMPUTATION_RETENTION_DAYS",
    kind: "integer",
    default: 30,
    minimum: 1,
    maximum: 36_500,
    group: "storage",
    since: "0.1.0",
    summary: "Days after which the record of a computation is deleted.",
  },
  databaseAccount: {
    name: "TDA_DATABASE_ACCOUNT",
    kind: "text",
    default: "nobody",
    group: "storage",
    since: "0.1.0",
    summary:
      "Existing account without privileges under which the embedded PostgreSQL runs when the server is started as root (PostgreSQL refuses to run as root).",
  },
  databaseSystemDir: {
    name: "TDA_DATABASE_SYSTEM_DIR",
    kind: "path",
    default: "/var/lib/tda-platform",
    group: "storage",
    since: "0.1.0",
    summary:
      "Used only when the server is started as root: folder for the embedded PostgreSQL's binaries, and for its data if its account cannot reach the data folder.",
  },
  redisUrl: {
    name: "REDIS_URL",
    kind: "url",
    default: null,
    secret: "password",
    group: "storage",
    since: "0.1.0",
    summary: "Redis server for a shared cache. Planned for 0.3.0 and refused until then. Unset: memory of the process.",
  },
  kafkaBootstrapServers: {
    name: "KAFKA_BOOTSTRAP_SERVERS",
    kind: "text",
    default: null,
    group: "storage",
    since: "0.1.0",
    summary: "Kafka brokers. Planned for 0.4.0 and refused until then. Unset: the embedded event log.",
  },
  kafkaTopicPrefix: {
    name: "KAFKA_TOPIC_PREFIX",
    kind: "text",
    default: "tda_",
    group: "storage",
    since: "0.1.0",
    summary: "First part of every topic's name. Without Kafka it has no effect.",
  },
  bodyLimitBytes: {
    name: "TDA_BODY_LIMIT_BYTES",
    kind: "bytes",
    default: 64 * MiB,
    minimum: KiB,
    maximum: 2 * GiB,
    group: "limits",
    since: "0.1.0",
    summary: "Size of a request body, after decompression.",
  },
  cacheLimitBytes: {
    name: "TDA_CACHE_LIMIT_BYTES",
    kind: "bytes",
    default: 128 * MiB,
    minimum: 0,
    maximum: TiB,
    group: "limits",
    since: "0.1.0",
    summary: "Memory for cached results.",
  },
  syncLimitSeconds: {
    name: "TDA_SYNC_LIMIT_SECONDS",
    kind: "number",
    default: 30,
    minimum: 0.001,
    maximum: 86_400,
    group: "limits",
    since: "0.1.0",
    summary: "A computation estimated to take longer is not run while the client waits.",
  },
  memoryLimitBytes: {
    name: "TDA_MEMORY_LIMIT_BYTES",
    kind: "bytes",
    default: "auto",
    automatic: "three quarters of the machine's (or container's) memory, divided by the concurrent computations",
    minimum: MiB,
    maximum: 64 * TiB,
    group: "limits",
    since: "0.1.0",
    summary: "Memory that one computation may use; a request may ask for less.",
  },
  maxPoints: {
    name: "TDA_MAX_POINTS",
    kind: "integer",
    default: 2_000_000,
    minimum: 1,
    maximum: 100_000_000,
    group: "limits",
    since: "0.1.0",
    summary: "Points of one input.",
  },
  maxDimension: {
    name: "TDA_MAX_DIMENSION",
    kind: "integer",
    default: 10,
    minimum: 0,
    maximum: 16,
    group: "limits",
    since: "0.1.0",
    summary: "Highest homology dimension that a request may ask for.",
  },
  maxConcurrentComputations: {
    name: "TDA_MAX_CONCURRENT_COMPUTATIONS",
    kind: "integer",
    default: "auto",
    automatic: "TDA_ENGINE_HOSTS",
    minimum: 1,
    maximum: 1024,
    group: "limits",
    since: "0.1.0",
    summary: "Computations that run at the same time.",
  },
  maxQueuedComputations: {
    name: "TDA_MAX_QUEUED_COMPUTATIONS",
    kind: "integer",
    default: 64,
    minimum: 0,
    maximum: 100_000,
    group: "limits",
    since: "0.1.0",
    summary: "Computations that wait for their turn; further ones are answered 503 with Retry-After.",
  },
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
  jwtSecretKey: {
    name: "JWT_SECRET_KEY",
    kind: "pem",
    default: null,
    secret: "value",
    group: "identity",
    since: "0.1.0",
    summary:
      "Private key of the built-in issuer: an RSA key of at least 2048 bits in PEM (`\\n` may stand for a line end). Unset: made at first start in `keys/jwt-signing.pem`.",
  },
  jwtAlgorithm: {
    name: "JWT_ALGORITHM",
    kind: "choice",
    choices: ["RS256"],
    default: "RS256",
    group: "identity",
    since: "0.1.0",
    summary: "Algorithm of access tokens. There is one on purpose.",
  },
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
      : D extends { kind: "choice"; choices: infer C extends readonly string[] }
        ? C[number]
        : D extends { kind: "origins" }
          ? readonly string[]
          : never;

/** The value of every setting, by its name in code. */
export type SettingValues = {
  readonly [K in SettingKey]: ValueOf<(typeof settingDefinitions)[K]>;
};
