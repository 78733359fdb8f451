import pg from "pg";
import type {
  BlobMaintenance,
  BlobRecords,
  DatasetStore,
  StorageUsage,
  UploadMaintenance,
  UploadStore,
} from "../../domain/datasets/ports.ts";
import type { ErasureLog, ErasureStore } from "../../domain/erasure/erasure-store.ts";
import type { JobQueue, JobSignals, JobStore } from "../../domain/jobs/job-store.ts";
import type { IdempotencyStore } from "../../domain/limits/idempotency.ts";
import type { HeldAmounts, UsageStore } from "../../domain/limits/ports.ts";
import type { EventLog } from "../../domain/log/event-log.ts";
import type { Outbox } from "../../domain/log/outbox.ts";
import type { LeaseStore } from "../../domain/log/partition-leases.ts";
import type { SchemaRegistry } from "../../domain/log/schema-registry.ts";
import type { ComputationStore, DependencyProbe, ProjectSecrets, ValueSealer } from "../../domain/ports.ts";
import type { StreamStates } from "../../domain/streams/runner/ports.ts";
import type { SinkStore, StreamResultStore, StreamSignals, StreamStore } from "../../domain/streams/stream-store.ts";
import type { DeliveryLog, DeliveryQueue, WebhookSecrets } from "../../domain/webhooks/delivery-queue.ts";
import type { CircuitName } from "../../internal/circuit.ts";
import type { Logger } from "../../internal/logger.ts";
import { StartError } from "../../internal/start-error.ts";
import { PostgresApiKeyDirectory } from "./api-key-directory.ts";
import { ensureRole, grantTo, refusePrivilegedRole, SHARED_ROLE } from "./application-role.ts";
import { PostgresBlobMaintenance, PostgresBlobRecords } from "./blob-records.ts";
import { keepComputationsBounded } from "./computation-retention.ts";
import { PostgresComputationStore } from "./computation-store.ts";
import { createPool, valueTypes } from "./connection-pool.ts";
import { DatabaseCircuit } from "./database-circuit.ts";
import { isDatabaseUnavailable } from "./database-errors.ts";
import { DatabaseListener } from "./database-listener.ts";
import { databaseProbe } from "./database-probe.ts";
import { PostgresDatasetStore } from "./dataset-store.ts";
import { PostgresErasureLog } from "./erasure/erasure-log.ts";
import { PostgresErasureStore } from "./erasure/erasure-store.ts";
import { grantErasure } from "./erasure/project-tables.ts";
import { ensureDefaultProject, ensureLocalKey, type LocalKey } from "./first-rows.ts";
import { APPLICATION_GRANTS, SYSTEM_GRANTS } from "./grants.ts";
import { PostgresHeldAmounts } from "./held-amounts.ts";
import { PostgresIdempotencyStore } from "./idempotency-store.ts";
import { IdentityStores } from "./identity/identity-stores.ts";
import { DEFAULT_JOB_RETENTION, type JobRetention, keepJobsBounded } from "./jobs/job-retention.ts";
import { PostgresJobSignals } from "./jobs/job-signals.ts";
import { PostgresJobQueue } from "./jobs/postgres-job-queue.ts";
import { PostgresJobStore } from "./jobs/postgres-job-store.ts";
import { keepLimitsBounded } from "./limits-retention.ts";
import { LiveInstances } from "./live-instances.ts";
import { ensureLogPartitions } from "./log/log-partitions.ts";
import { keepLogBounded } from "./log/log-retention.ts";
import { PostgresEventLog } from "./log/postgres-event-log.ts";
import { PostgresLeaseStore } from "./log/postgres-lease-store.ts";
import { PostgresOutbox } from "./log/postgres-outbox.ts";
import { PostgresSchemaRegistry } from "./log/postgres-schema-registry.ts";
import { migrate, withStartLock } from "./migrate.ts";
import { PostgresProjectSecrets } from "./project-secrets.ts";
import { PostgresSinkStore } from "./streams/postgres-sink-store.ts";
import { PostgresStreamResults } from "./streams/postgres-stream-results.ts";
import { PostgresStreamStates } from "./streams/postgres-stream-states.ts";
import { PostgresStreamStore } from "./streams/postgres-stream-store.ts";
import { DEFAULT_STREAM_RETENTION, keepStreamsBounded, type StreamRetention } from "./streams/stream-retention.ts";
import { PostgresStreamSignals } from "./streams/stream-signals.ts";
import { SYSTEM_ROLE } from "./tenancy.ts";
import { PostgresUploadMaintenance, PostgresUploadStore } from "./upload-store.ts";
import { PostgresUsageStore } from "./usage-store.ts";
import { PostgresDeliveryLog } from "./webhooks/delivery-log.ts";
import { PostgresDeliveryQueue } from "./webhooks/delivery-queue.ts";
import { PostgresWebhookSecrets } from "./webhooks/webhook-secrets.ts";

export interface DatabaseAccess {
  readonly kind: "embedded" | "external";
  /** The application's login. */
  readonly application: pg.ClientConfig;
  /** The login that owns the schema and runs the migrations; null: the application's, which then takes a lesser role. */
  readonly owner: pg.ClientConfig | null;
}

export interface PoolChoice {
  readonly poolSize: number;
  readonly statementTimeoutMs: number;
  readonly retentionDays: number;
  readonly auditRetentionDays?: number;
  readonly usageRetentionDays: number;
  readonly jobRetention?: JobRetention;
  readonly streamRetention?: StreamRetention;
  /** Seals inputs, results and kept answers at rest. */
  readonly sealer: ValueSealer;
  readonly logger: Logger;
}

export interface OpenOptions extends PoolChoice {
  readonly access: DatabaseAccess;
  readonly keysDir: string;
  /** Revokes the local key and makes another. */
  readonly renewLocalKey: boolean;
}

export interface Database {
  /** For other processes of this instance, which need not prepare it again. */
  readonly shared: SharedDatabase;
  readonly schemaVersion: number;
  readonly defaultProjectId: string;
  readonly localKey: LocalKey;
  readonly computations: ComputationStore;
  readonly jobs: JobStore;
  readonly jobQueue: JobQueue;
  readonly jobSignals: JobSignals;
  readonly streams: {
    readonly store: StreamStore;
    readonly results: StreamResultStore;
    readonly signals: StreamSignals;
  };
  readonly sinkStore: SinkStore;
  readonly apiKeys: PostgresApiKeyDirectory;
  readonly identity: IdentityStores;
  readonly projectSecrets: ProjectSecrets;
  readonly datasets: DatasetStore & StorageUsage;
  readonly uploads: UploadStore;
  readonly blobs: BlobRecords;
  readonly blobMaintenance: BlobMaintenance;
  readonly uploadMaintenance: UploadMaintenance;
  readonly deliveries: DeliveryLog;
  readonly deliveryQueue: DeliveryQueue;
  readonly webhookSecrets: WebhookSecrets;
  readonly erasures: ErasureLog;
  readonly erasureStore: ErasureStore;
  readonly probe: DependencyProbe;
  readonly usage: UsageStore;
  readonly idempotency: IdempotencyStore;
  readonly held: HeldAmounts;
  /** Servers that work on this database, this one included. */
  readonly instances: { readonly count: number };
  readonly circuit: { readonly state: CircuitName };
  /** What other processes tell by this database. */
  readonly listener: Pick<DatabaseListener, "on">;
  readonly leases: LeaseStore;
  readonly outbox: Outbox;
  /** Of an installation without a registry of its own. */
  readonly schemas: SchemaRegistry;
  /** The log of an installation without Kafka. Close it before the database. */
  openEventLog(): EventLog;
  /** What the embedded stream engine keeps, of one log. */
  streamStates(log: string): StreamStates;
  /** Writes what waits, then closes the connections. Idempotent. */
  close(): Promise<void>;
}

/** A database that is prepared, and how to reach it. Plain data with secrets in it. */
export interface SharedDatabase {
  readonly access: Pick<DatabaseAccess, "kind" | "application">;
  readonly prepared: Prepared;
}

export interface Prepared {
  readonly schemaVersion: number;
  readonly defaultProjectId: string;
  readonly localKey: LocalKey;
  /** For the application's connections to take; null: their login is the application's role itself. */
  readonly role: string | null;
}

const connectLimitMs = 10_000;
const standardAuditDays = 365;

/**
 * Brings the database up to date (one server at a time), makes the default project and the local key, and opens the pool.
 * The same statements run on the embedded and on an external database.
 * @throws StartError
 */
export async function openDatabase(options: OpenOptions): Promise<Database> {
  const prepared = await explained(options.access, () => prepare(options));
  return await attachDatabase(options, { access: options.access, prepared });
}

/** Opens the pools of a database that another process of this instance has prepared. @throws StartError */
export async function attachDatabase(options: PoolChoice, shared: SharedDatabase): Promise<Database> {
  const { access, prepared } = shared;
  const { logger } = options;
  const circuit = new DatabaseCircuit(access.application, logger);
  const open = (role: string | null, size: number, findsByKeys: boolean): pg.Pool => {
    const { statementTimeoutMs } = options;
    return circuit.guard(
      createPool({ connection: access.application, size, statementTimeoutMs, role, findsByKeys, logger }),
    );
  };
  const pool = open(prepared.role, options.poolSize, false);
  const systemPool = open(SYSTEM_ROLE, systemPoolSize(options.poolSize), true);
  try {
    for (const each of [pool, systemPool]) await explained(access, () => refusePrivilegedRole(each));
  } catch (error) {
    await Promise.all([pool.end(), systemPool.end()]);
    throw error;
  }
  circuit.watch();
  return assemble(options, shared, { pool, systemPool, circuit });
}

/** Connections of what works across projects, beside those of the requests. */
export function systemPoolSize(poolSize: number): number {
  return Math.max(3, Math.ceil(poolSize / 2));
}

interface Connections {
  readonly pool: pg.Pool;
  readonly systemPool: pg.Pool;
  readonly circuit: DatabaseCircuit;
}

function assemble(options: PoolChoice, shared: SharedDatabase, connections: Connections): Database {
  const { pool, systemPool, circuit } = connections;
  const { access, prepared } = shared;
  const { logger, sealer } = options;
  const computations = new PostgresComputationStore(pool);
  const apiKeys = new PostgresApiKeyDirectory(systemPool, logger);
  const { defaultProjectId } = prepared;
  const identity = new IdentityStores({
    ...{ pool, systemPool, connection: access.application, apiKeys, defaultProjectId, logger },
    auditRetentionDays: options.auditRetentionDays ?? standardAuditDays,
  });
  const jobs = new PostgresJobStore(pool, sealer);
  const jobQueue = new PostgresJobQueue(systemPool, sealer);
  const listener = new DatabaseListener(access.application, logger);
  const jobSignals = new PostgresJobSignals(listener);
  const projectSecrets = new PostgresProjectSecrets(pool);
  const datasets = new PostgresDatasetStore(pool);
  const instances = new LiveInstances(systemPool, logger);
  const closing = new AbortController();
  const { signal } = closing;
  const retention = Promise.all([
    keepComputationsBounded(systemPool, options.retentionDays, logger, signal),
    keepJobsBounded(systemPool, options.jobRetention ?? DEFAULT_JOB_RETENTION, sealer, logger, signal),
    keepLimitsBounded(systemPool, options.usageRetentionDays, logger, signal),
    keepLogBounded(systemPool, logger, signal),
    keepStreamsBounded(systemPool, options.streamRetention ?? DEFAULT_STREAM_RETENTION, logger, signal),
  ]);
  let closed: Promise<void> | null = null;
  const close = async (): Promise<void> => {
    closing.abort();
    await listener.close();
    await Promise.all([computations.drain(), jobs.drain(), jobQueue.drain(), identity.close()]);
    await apiKeys.close();
    await instances.close();
    await retention;
    await circuit.close();
    await Promise.all([pool.end(), systemPool.end()]);
  };
  return {
    shared: { access: { kind: access.kind, application: access.application }, prepared },
    schemaVersion: prepared.schemaVersion,
    defaultProjectId,
    localKey: prepared.localKey,
    computations,
    jobs,
    jobQueue,
    jobSignals,
    streams: {
      store: new PostgresStreamStore(pool),
      results: new PostgresStreamResults(pool, sealer),
      signals: new PostgresStreamSignals(listener),
    },
    sinkStore: new PostgresSinkStore(systemPool, sealer),
    apiKeys,
    identity,
    projectSecrets,
    datasets,
    uploads: new PostgresUploadStore(pool),
    blobs: new PostgresBlobRecords(pool),
    blobMaintenance: new PostgresBlobMaintenance(systemPool),
    uploadMaintenance: new PostgresUploadMaintenance(systemPool),
    probe: databaseProbe(pool, access.kind, circuit),
    circuit,
    usage: new PostgresUsageStore(pool, systemPool),
    idempotency: new PostgresIdempotencyStore(pool, projectSecrets, sealer),
    held: new PostgresHeldAmounts(pool, datasets),
    instances,
    deliveries: new PostgresDeliveryLog(pool),
    deliveryQueue: new PostgresDeliveryQueue(systemPool),
    webhookSecrets: new PostgresWebhookSecrets(pool, systemPool, sealer),
    erasures: new PostgresErasureLog(systemPool),
    erasureStore: new PostgresErasureStore(systemPool, jobs),
    listener,
    leases: new PostgresLeaseStore(systemPool, listener),
    outbox: new PostgresOutbox(systemPool, listener),
    schemas: new PostgresSchemaRegistry(systemPool),
    streamStates: (log) => new PostgresStreamStates(systemPool, sealer, log),
    openEventLog: () => new PostgresEventLog({ pool: systemPool, listener, sealer }),
    close: () => {
      closed ??= close();
      return closed;
    },
  };
}

async function prepare(options: OpenOptions): Promise<Prepared> {
  const { access, logger } = options;
  const client = await connect(access.owner ?? access.application);
  try {
    const login = await applicationLogin(access);
    const role = access.owner === null ? SHARED_ROLE : null;
    return await withStartLock(client, logger, async () => {
      await ensureRole(client, SYSTEM_ROLE, login);
      if (role !== null) await ensureRole(client, role, login);
      const schemaVersion = await migrate(client, logger);
      await grantTo(client, role ?? login, APPLICATION_GRANTS);
      await grantTo(client, SYSTEM_ROLE, SYSTEM_GRANTS);
      await grantErasure(client, SYSTEM_ROLE);
      await ensureLogPartitions(client);
      const defaultProjectId = await ensureDefaultProject(client);
      const localKey = await ensureLocalKey(client, {
        keysDir: options.keysDir,
        projectId: defaultProjectId,
        renew: options.renewLocalKey,
      });
      return { schemaVersion, defaultProjectId, localKey, role };
    });
  } finally {
    await client.end();
  }
}

async function connect(connection: pg.ClientConfig): Promise<pg.Client> {
  const client = new pg.Client({
    ...connection,
    application_name: "tda-start",
    connectionTimeoutMillis: connectLimitMs,
    types: valueTypes,
  });
  // A connection that is lost between two statements is told by the next one.
  client.on("error", () => undefined);
  await client.connect();
  return client;
}

/** The role as which the application connects. */
async function applicationLogin({ kind, application }: DatabaseAccess): Promise<string> {
  if (kind === "embedded" && application.user !== undefined) return application.user;
  const client = await connect(application);
  try {
    const { rows } = await client.query<{ name: string }>("select current_user as name");
    return rows[0]!.name;
  } finally {
    await client.end();
  }
}

/** Turns what a database refuses at start into a sentence. Passwords are in no message of server or client. */
async function explained<T>(access: Pick<DatabaseAccess, "kind">, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const name = access.kind === "embedded" ? "the embedded database" : "the database of DATABASE_URL";
    const reason = error instanceof Error ? reasonOf(error) : String(error);
    if (isDatabaseUnavailable(error))
      throw new StartError(`The server cannot reach ${name}: ${reason}.`, { cause: error });
    if (error instanceof pg.DatabaseError)
      throw new StartError(`The server cannot use ${name}: ${reason}.`, { cause: error });
    throw error;
  }
}

function reasonOf(error: Error): string {
  // Several addresses were tried (localhost by IPv6 and IPv4): the first says enough.
  const first = error instanceof AggregateError ? (error.errors[0] as Error | undefined) : error;
  return (first?.message ?? error.message).replace(/\.$/, "");
}
