import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { Writable } from "node:stream";
import type { Engine } from "@tda-platform/engine/types";
import { createTypeScriptEngine } from "@tda-platform/engine/typescript/index";
import type { FastifyInstance } from "fastify";
import pg from "pg";
import { FolderBlobStore } from "../../src/adapters/blobs/folder-store.ts";
import { MemoryCache } from "../../src/adapters/cache/memory-cache.ts";
import { createPool } from "../../src/adapters/database/connection-pool.ts";
import {
  type EmbeddedPostgres,
  startEmbeddedPostgres,
} from "../../src/adapters/database/embedded/embedded-postgres.ts";
import type { Database } from "../../src/adapters/database/open-database.ts";
import { SYSTEM_ROLE } from "../../src/adapters/database/tenancy.ts";
import { open, silent } from "../../src/adapters/database/testing/records.ts";
import { type TemporaryDir, temporaryDir } from "../../src/adapters/database/testing/temporary-dir.ts";
import { loadSettings, type Settings } from "../../src/config/settings.ts";
import { UNLIMITED_DISK } from "../../src/domain/datasets/disk-space.ts";
import {
  createDatasetServices,
  type DatasetServices,
  type DatasetServicesOptions,
} from "../../src/domain/datasets/services.ts";
import { requireStorage } from "../../src/domain/limits/project-quotas.ts";
import { Keyring, type MasterKey } from "../../src/domain/storage/keyring.ts";
import { valueSealer } from "../../src/domain/storage/value-sealer.ts";
import { buildHttpServer, type HttpDependencies } from "../../src/http/server.ts";
import { createLogger } from "../../src/internal/logger.ts";
import { createMetrics, type Metrics } from "../../src/internal/metrics.ts";
import { type OpenedEventLog, openEventLog } from "../../src/start/event-log.ts";
import { type OpenedIdentity, openIdentity } from "../../src/start/identity.ts";
import { createLimits } from "../../src/start/limits.ts";
import { openCache } from "../../src/start/shared-cache.ts";
import { type RunningJobWorker, startJobWorker } from "../../src/start/start-job-worker.ts";
import { startSink } from "../../src/start/start-sink.ts";

function newMasterKey(): MasterKey {
  return { id: "test", secret: randomBytes(32) };
}

export interface TestServer {
  readonly http: FastifyInstance;
  /** Where it listens. */
  readonly url: string;
  readonly port: number;
  readonly apiKey: string;
  readonly identity: OpenedIdentity;
  /** Log lines so far, parsed. */
  readonly log: readonly Record<string, unknown>[];
  post(body: unknown, headers?: Record<string, string>, path?: string): Promise<Response>;
  get(path: string, headers?: Record<string, string>): Promise<Response>;
}

export interface TestWorker extends RunningJobWorker {
  readonly metrics: Metrics;
}

interface PostgresAddresses {
  readonly url: string;
  readonly ownerUrl: string;
  readonly adminUrl: string;
}

export type Overrides = Partial<Omit<HttpDependencies, "settings" | "logger">> & {
  readonly env?: Readonly<Record<string, string>>;
};

export interface RecordedComputation {
  readonly id: string;
  readonly status: string;
  readonly error_code: string | null;
  readonly principal_id: string;
  readonly request_id: string;
}

/** A real database, and HTTP servers on it with the TypeScript engine. */
export class TestBed {
  readonly database: Database;
  readonly #dir: TemporaryDir;
  readonly #embedded: EmbeddedPostgres | null;
  readonly #admin: pg.Pool;
  readonly #servers: FastifyInstance[] = [];
  readonly #engines: Engine[] = [];
  readonly #identities: OpenedIdentity[] = [];
  readonly #workers: RunningJobWorker[] = [];
  readonly #datasets: DatasetServices[] = [];
  readonly masterKey: MasterKey;
  readonly keyring: Keyring;
  readonly #closers: { close(): Promise<void> }[] = [];
  readonly #sinks: { stop(): Promise<void> }[] = [];
  #events: Promise<OpenedEventLog> | null = null;

  private constructor(
    dir: TemporaryDir,
    embedded: EmbeddedPostgres | null,
    admin: pg.Pool,
    database: Database,
    masterKey: MasterKey,
  ) {
    this.masterKey = masterKey;
    this.keyring = new Keyring([masterKey]);
    this.#dir = dir;
    this.#embedded = embedded;
    this.#admin = admin;
    this.database = database;
  }

  static async open({ connections = 10 } = {}): Promise<TestBed> {
    const dir = await temporaryDir(0o755);
    const embedded = await startEmbeddedPostgres({
      dataDir: join(dir.path, "data"),
      systemDir: join(dir.path, "system"),
      accountName: "nobody",
      connections,
      logger: silent,
    });
    const access = {
      kind: "embedded",
      application: embedded.address("app"),
      owner: embedded.address("owner"),
    } as const;
    const masterKey = newMasterKey();
    const database = await open(access, join(dir.path, "keys"), { sealer: valueSealer(new Keyring([masterKey])) });
    const admin = new pg.Pool({ ...embedded.address("superuser"), database: "tda", max: 1 });
    admin.on("error", () => undefined);
    return new TestBed(dir, embedded, admin, database, masterKey);
  }

  /** Where the private key of the built-in issuer is. */
  get signingKeyFile(): string {
    return join(this.#dir.path, "keys", "jwt-signing.pem");
  }

  /** The same on a PostgreSQL server of the services. */
  static async on({ url, ownerUrl, adminUrl }: PostgresAddresses, statementTimeoutMs?: number): Promise<TestBed> {
    const dir = await temporaryDir();
    const access = {
      kind: "external",
      application: { connectionString: url },
      owner: { connectionString: ownerUrl },
    } as const;
    const masterKey = newMasterKey();
    const sealer = valueSealer(new Keyring([masterKey]));
    const more = statementTimeoutMs === undefined ? { sealer } : { sealer, statementTimeoutMs };
    const database = await open(access, join(dir.path, "keys"), more);
    const admin = new pg.Pool({ connectionString: adminUrl.replace(/[^/]+$/, "tda"), max: 1 });
    admin.on("error", () => undefined);
    return new TestBed(dir, null, admin, database, masterKey);
  }

  /** A server that listens on a free port. Authentication is off and nothing is cached twice unless `env` says so. */
  async server({ env = {}, ...overrides }: Overrides = {}): Promise<TestServer> {
    const log: Record<string, unknown>[] = [];
    const settings = loadSettings({ FEATURE_ENABLE_AUTHENTICATION: "false", TDA_DATA_DIR: this.#dir.path, ...env });
    const { database } = this;
    const engine = overrides.engine ?? createTypeScriptEngine();
    this.#engines.push(engine);
    const metrics = createMetrics();
    const logger = createLogger({ level: "debug", format: "json", stream: collect(log) });
    const identity = await openIdentity(settings, database, logger);
    this.#identities.push(identity);
    const admit = (projectId: string, bytes: number) =>
      requireStorage(settings.projectStorageBytes, database.held, projectId, bytes);
    const datasets = overrides.datasets ?? (await this.datasets({ settings, admission: { admit } }));
    const shared = await openCache(settings, this.keyring, metrics, logger);
    const limits = createLimits({ settings, database, shared, logger });
    this.#closers.push(limits, shared);
    const http = await buildHttpServer({
      settings,
      version: "1.2.3",
      logger,
      identity,
      engine,
      cache: shared.cache,
      computations: database.computations,
      jobs: database.jobs,
      jobSignals: database.jobSignals,
      streams: database.streams,
      events: await this.events(),
      apiKeys: database.apiKeys,
      projectSecrets: database.projectSecrets,
      datasets,
      webhooks: { deliveries: database.deliveries, secrets: database.webhookSecrets },
      erasures: database.erasures,
      defaultProjectId: database.defaultProjectId,
      probes: [database.probe],
      metrics,
      limits,
      isShuttingDown: () => false,
      ...overrides,
    });
    this.#servers.push(http);
    const url = await http.listen({ host: "127.0.0.1", port: 0 });
    const get = (path: string, headers: Record<string, string> = {}) => fetch(url + path, { headers });
    const post = (body: unknown, headers: Record<string, string> = {}, path = "/v1/compute/vietoris-rips") =>
      fetch(url + path, {
        method: "POST",
        headers: { "content-type": "application/json", ...headers },
        body: typeof body === "string" || body instanceof Uint8Array ? (body as string) : JSON.stringify(body),
      });
    return {
      http,
      url,
      port: Number(new URL(url).port),
      apiKey: database.localKey.apiKey ?? "",
      identity,
      log,
      post,
      get,
    };
  }

  /** The log on this bed's database. */
  async events(): Promise<OpenedEventLog> {
    this.#events ??= openEventLog(loadSettings({ TDA_DATA_DIR: this.#dir.path }), this.database, silent);
    return await this.#events;
  }

  /** A sink of results in this process. */
  async sink(): Promise<{ readonly metrics: Metrics; stop(): Promise<void> }> {
    const metrics = createMetrics();
    const sink = await startSink({ database: this.database, events: await this.events(), metrics, logger: silent });
    this.#sinks.push(sink);
    return { metrics, stop: () => sink.stop() };
  }

  /** A worker of jobs in this process, with the TypeScript engine unless told. */
  worker({ env = {}, ...given }: { env?: Readonly<Record<string, string>>; engine?: Engine } = {}): TestWorker {
    const settings: Settings = loadSettings({
      FEATURE_ENABLE_AUTHENTICATION: "false",
      TDA_DATA_DIR: this.#dir.path,
      ...env,
    });
    const engine = given.engine ?? createTypeScriptEngine();
    this.#engines.push(engine);
    const cache = new MemoryCache(settings.cacheLimitBytes);
    const { database } = this;
    const quotas = { charge: () => undefined };
    const metrics = createMetrics();
    const worker = startJobWorker({ settings, engine, cache, database, quotas, metrics, logger: silent });
    this.#workers.push(worker);
    return { ...worker, metrics };
  }

  /** A connection that works across projects. */
  systemPool(): pg.Pool {
    return this.#pool(SYSTEM_ROLE);
  }

  /** A connection that sees the project of its transaction. */
  projectPool(): pg.Pool {
    return this.#pool(null);
  }

  #pool(role: string | null): pg.Pool {
    if (this.#embedded === null) throw new Error("this bed is on an external server");
    const connection = this.#embedded.address("app");
    const findsByKeys = role === SYSTEM_ROLE;
    return createPool({ connection, size: 1, statementTimeoutMs: 5_000, role, findsByKeys, logger: silent });
  }

  /** Rows of a statement, past row-level security. */
  async rows<Row extends pg.QueryResultRow>(text: string, values: unknown[] = []): Promise<Row[]> {
    return (await this.#admin.query<Row>(text, values)).rows;
  }

  /** Where the objects of this bed's servers are. */
  get blobDir(): string {
    return join(this.#dir.path, "blobs");
  }

  /** The administrator's sight of the database. */
  get admin(): pg.Pool {
    return this.#admin;
  }

  /** Datasets on this bed's database and in its folder. */
  async datasets(
    more: Partial<DatasetServicesOptions> & Pick<DatasetServicesOptions, "settings">,
  ): Promise<DatasetServices> {
    const store = more.store ?? (await FolderBlobStore.open(this.blobDir));
    const services = createDatasetServices({
      ...this.database,
      store,
      keyring: this.keyring,
      disk: UNLIMITED_DISK,
      ...more,
    });
    this.#datasets.push(services);
    return services;
  }

  /** What is recorded under an answer's id. */
  async recorded(id: string): Promise<RecordedComputation | undefined> {
    const { rows } = await this.#admin.query<RecordedComputation>("select * from tda.computations where id = $1", [id]);
    return rows[0];
  }

  async recordedBy(requestId: string): Promise<readonly RecordedComputation[]> {
    const text = "select * from tda.computations where request_id = $1";
    return (await this.#admin.query<RecordedComputation>(text, [requestId])).rows;
  }

  /** Ends the servers, keeping the database. */
  async endServers(): Promise<void> {
    for (const one of this.#workers.splice(0)) await one.stop();
    for (const one of this.#sinks.splice(0)) await one.stop();
    for (const one of this.#identities.splice(0)) one.close();
    for (const one of this.#engines.splice(0)) await one.close();
    for (const one of this.#servers.splice(0)) {
      one.server.closeAllConnections();
      await one.close();
    }
    for (const one of this.#datasets.splice(0)) await one.close();
    for (const one of this.#closers.splice(0)) await one.close();
  }

  async end(): Promise<void> {
    await this.endServers();
    await (await this.#events)?.close();
    await this.database.close();
    await this.#admin.end();
    await this.#embedded?.stop(5_000);
    await this.#dir.remove();
  }
}

function collect(lines: Record<string, unknown>[]): Writable {
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      for (const line of chunk.toString().split("\n")) if (line !== "") lines.push(JSON.parse(line));
      done();
    },
  });
}

/** Waits for something that happens soon, without a fixed time. */
export async function until<Value>(
  probe: () => Promise<Value | undefined | false> | Value | undefined | false,
): Promise<Value> {
  for (;;) {
    const value = await probe();
    if (value !== undefined && value !== false) return value;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
