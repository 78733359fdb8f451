import compress from "@fastify/compress";
import { HEADERS_TIMEOUT_SECONDS, MAX_HEADER_BYTES, REQUEST_TIMEOUT_SECONDS } from "@tda-platform/contract/limits";
import { ROLE_PERMISSIONS } from "@tda-platform/contract/permissions";
import type { Engine } from "@tda-platform/engine/types";
import { type FastifyBaseLogger, type FastifyInstance, fastify, LogController } from "fastify";
import type { Logger } from "pino";
import type { Settings } from "../config/settings.ts";
import { ComputeService } from "../domain/compute/compute-service.ts";
import { ProjectKeys } from "../domain/compute/project-keys.ts";
import { DatasetInputs } from "../domain/datasets/dataset-inputs.ts";
import type { DatasetServices } from "../domain/datasets/services.ts";
import type { ErasureLog } from "../domain/erasure/erasure-store.ts";
import type { Identity } from "../domain/identity/identity.ts";
import { JobFeed } from "../domain/jobs/job-feed.ts";
import { JobService } from "../domain/jobs/job-service.ts";
import type { JobSignals, JobStore } from "../domain/jobs/job-store.ts";
import { JobSubmitter } from "../domain/jobs/job-submitter.ts";
import type { EventCodec, EventLog } from "../domain/log/event-log.ts";
import { Offload } from "../domain/offload/offload.ts";
import type {
  ApiKeyDirectory,
  ComputationStore,
  DependencyProbe,
  ProjectSecrets,
  ResultCache,
} from "../domain/ports.ts";
import { ProblemError } from "../domain/problem.ts";
import { KnownStreams } from "../domain/streams/known-streams.ts";
import { StreamFeed } from "../domain/streams/stream-feed.ts";
import { StreamIngest } from "../domain/streams/stream-ingest.ts";
import { StreamService } from "../domain/streams/stream-service.ts";
import type { StreamResultStore, StreamSignals, StreamStore } from "../domain/streams/stream-store.ts";
import type { DeliveryLog, WebhookSecrets } from "../domain/webhooks/delivery-queue.ts";
import type { Metrics } from "../internal/metrics.ts";
import { accessHook } from "./access.ts";
import { auditObserver } from "./audit-observer.ts";
import { registerBodyReader } from "./body.ts";
import { clientErrorHandler } from "./client-error.ts";
import { applyCors, CORS_VARIES } from "./cors.ts";
import { DOCS_PATHS, registerDocs } from "./docs-routes.ts";
import { handleError, isClientGone } from "./error-handler.ts";
import { EventStreams } from "./event-stream.ts";
import { registerIdempotency } from "./idempotency.ts";
import type { Limits } from "./limits.ts";
import { CLIENT_GONE, requestObserver } from "./observe.ts";
import { tusOptions } from "./operations/datasets/tus.ts";
import { setRateLimitHeaders } from "./rate-limits.ts";
import { readySender } from "./ready-answer.ts";
import { rawPath, requestId } from "./request-context.ts";
import { registerOperations, upgrades } from "./routes.ts";
import { securityHeaders } from "./security-headers.ts";
import { servedOperations } from "./served-operations.ts";
import { allowedMethods, answerUnknownRoute } from "./unknown-route.ts";

/** Where streams are kept. */
export interface StreamStores {
  readonly store: StreamStore;
  readonly results: StreamResultStore;
  readonly signals: StreamSignals;
}

/** Everything the HTTP layer needs from the rest, chosen and started by `src/start/`. */
export interface HttpDependencies {
  readonly settings: Settings;
  readonly version: string;
  readonly logger: Logger;
  readonly engine: Engine;
  readonly cache: ResultCache;
  readonly computations: ComputationStore;
  readonly jobs: JobStore;
  readonly jobSignals: JobSignals;
  readonly streams: StreamStores;
  readonly events: { readonly log: EventLog; readonly codec: EventCodec };
  readonly apiKeys: ApiKeyDirectory;
  readonly identity: Identity;
  readonly projectSecrets: ProjectSecrets;
  readonly datasets: DatasetServices;
  readonly webhooks: { readonly deliveries: DeliveryLog; readonly secrets: WebhookSecrets };
  readonly erasures: ErasureLog;
  /** Project of the caller with authentication off. */
  readonly defaultProjectId: string;
  readonly probes: readonly DependencyProbe[];
  readonly metrics: Metrics;
  readonly limits: Limits;
  /** Not ready any more; connections are told to close. */
  readonly isShuttingDown: () => boolean;
  /** New work is refused. Unless told: as soon as the server is shutting down. */
  readonly refusesWork?: () => boolean;
  /** What `/health/ready` tells operators to attend to. */
  readonly warnings?: () => Promise<readonly string[]>;
}

/** Threads that read large requests, and how many of these may wait; the memory of those is bounded where bodies are read. */
const OFFLOAD = { threads: 2, queueLimit: 256 } as const;
const KEEP_ALIVE_MS = 65_000;
const UPLOADS_PATH = "/v1/uploads";

/** The HTTP server of the API, ready to listen. Closing it ends its worker threads; what it was given stays open. */
export async function buildHttpServer(dependencies: HttpDependencies): Promise<FastifyInstance> {
  const { settings, metrics, engine, datasets, probes, limits, isShuttingDown } = dependencies;
  const headers = await securityHeaders();
  const server = createServer(dependencies, headers);
  const origins = new Set(settings.featureEnableAuthentication ? settings.corsOrigins : []);
  const offload = new Offload(OFFLOAD);
  server.addHook("onClose", () => offload.close());
  registerBodyReader(server, settings.bodyLimitBytes);
  registerHooks(server, dependencies, headers, origins);
  registerIdempotency(server, limits.idempotency);
  await server.register(compress, {
    global: true,
    globalDecompression: false,
    threshold: 1024,
    encodings: ["zstd", "br", "gzip", "deflate"],
  });
  const keys = new ProjectKeys(dependencies.projectSecrets);
  const inputs = new DatasetInputs(datasets.datasets, offload, settings.datasetInputLimitBytes);
  const submitter = new JobSubmitter({ ...dependencies, ...limits, keys, offload, inputs });
  const feed = new JobFeed(dependencies.jobs, dependencies.jobSignals);
  const jobs = new JobService(dependencies.jobs, submitter, feed);
  const streams = streamService(dependencies);
  const compute = new ComputeService({
    ...dependencies,
    ...limits,
    keys,
    submitter,
    offload,
    inputs,
    settings: { ...settings, isCaching: settings.featureEnableCaching },
  });
  const warnings = dependencies.warnings ?? (async () => []);
  const { version, identity, defaultProjectId, webhooks, erasures } = dependencies;
  const readyHeaders = origins.size === 0 ? headers : { ...headers, ...CORS_VARIES };
  const sendReady = readySender(readyHeaders, limits.rates.policy, isShuttingDown);
  const eventStreams = new EventStreams(headers);
  server.addHook("preClose", async () => eventStreams.close());
  const context = {
    settings,
    version,
    compute,
    jobs,
    streams,
    eventStreams,
    identity,
    defaultProjectId,
    datasets,
    engine,
    webhooks,
    erasures,
    metrics,
    probes,
    limits,
    isShuttingDown,
    warnings,
    sendReady,
  };
  registerOperations(server, context);
  if (settings.roles.includes("serve")) registerDocs(server);
  await server.ready();
  return server;
}

function streamService({ streams, events, settings, metrics }: HttpDependencies): StreamService {
  const { store, results, signals } = streams;
  const { log, codec } = events;
  const known = new KnownStreams(store, signals, settings);
  const ingest = new StreamIngest({ known, log, codec, settings, metrics: metrics.points });
  const feed = new StreamFeed(results, signals);
  return new StreamService({ store, results, known, ingest, feed, log, codec, settings });
}

type Headers = Readonly<Record<string, string>>;

function createServer({ logger, settings }: HttpDependencies, headers: Headers): FastifyInstance {
  return fastify({
    loggerInstance: logger as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true }),
    // Lines name the request themselves: a logger per request would cost more than the line.
    childLoggerFactory: (parent) => parent,
    requestIdHeader: false,
    genReqId: requestId,
    bodyLimit: settings.bodyLimitBytes,
    requestTimeout: REQUEST_TIMEOUT_SECONDS * 1000,
    keepAliveTimeout: KEEP_ALIVE_MS,
    forceCloseConnections: "idle",
    return503OnClosing: false,
    clientErrorHandler: clientErrorHandler(logger),
    frameworkErrors: (error, request, reply) => handleError(error, request, reply.headers(headers)),
    // A request without Host is answered by us, with a problem.
    http: {
      maxHeaderSize: MAX_HEADER_BYTES,
      headersTimeout: HEADERS_TIMEOUT_SECONDS * 1000,
      requireHostHeader: false,
      shouldUpgradeCallback: upgrades,
    },
  }) as unknown as FastifyInstance;
}

function registerHooks(
  server: FastifyInstance,
  dependencies: HttpDependencies,
  headers: Headers,
  origins: ReadonlySet<string>,
): void {
  const { settings, logger, metrics, apiKeys, identity, defaultProjectId, limits, isShuttingDown } = dependencies;
  const allowed = allowedMethods(servedOperations(settings), settings.roles.includes("serve") ? DOCS_PATHS : []);
  const observe = requestObserver(logger, metrics, limits.quotas);
  const audit = auditObserver(identity.audit);
  const decideAccess = accessHook({
    credentials: settings.featureEnableAuthentication ? { ...identity, apiKeys } : null,
    localPrincipal: {
      kind: "local",
      id: "local",
      projectId: defaultProjectId,
      role: "admin",
      permissions: ROLE_PERMISSIONS.admin,
    },
    rateLimits: limits.rates,
    refusesWork: dependencies.refusesWork ?? isShuttingDown,
    disk: dependencies.datasets.disk,
  });
  const ofUploads = tusOptions(settings.datasetLimitBytes);
  const { policy } = limits.rates;
  server.decorateRequest("principal", null);
  server.decorateRequest("operationId", null);
  server.decorateRequest("isAuditedWithin", false);
  server.decorateRequest("rateLimit", null);
  server.addHook("onRequest", (request, reply, done) => {
    if (applyCors(origins, request, reply)) return;
    const isRouted = !request.is404;
    decideAccess(request, reply, (error?: Error) => {
      if (isRouted || error !== undefined) return done(error);
      if (rawPath(request.raw.url).startsWith(UPLOADS_PATH)) reply.headers(ofUploads);
      answerUnknownRoute(allowed, request, reply, done);
    });
  });
  const names = Object.keys(headers);
  server.addHook("onSend", (request, reply, payload, done) => {
    // What an operation sets itself stays: the documentation has a policy of its own.
    for (const name of names) if (!reply.hasHeader(name)) reply.header(name, headers[name]);
    reply.header("x-request-id", request.id);
    // Tells the client to send its next request elsewhere.
    if (isShuttingDown()) reply.header("connection", "close");
    // Fastify closes after a refused body, and a client that is still sending would lose the answer to a broken pipe.
    else if (request.isRestDrained) reply.removeHeader("connection");
    if (policy !== null) setRateLimitHeaders(policy, request, reply);
    done(null, payload);
  });
  server.addHook("onResponse", (request, reply, done) => {
    observe(request, reply);
    audit(request, reply);
    done();
  });
  server.setErrorHandler((error, request, reply) => {
    if (isClientGone(error, request, reply)) observe(request, reply, CLIENT_GONE);
    else if (error instanceof ProblemError && error.status === 429) metrics.countRateLimited(error.code);
    return handleError(error, request, reply);
  });
}
