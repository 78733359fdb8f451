import type { Engine } from "@tda-platform/engine/types";
import type { RouteHandlerMethod } from "fastify";
import type { Settings } from "../../config/settings.ts";
import type { ComputeService } from "../../domain/compute/compute-service.ts";
import type { DatasetServices } from "../../domain/datasets/services.ts";
import type { ErasureLog } from "../../domain/erasure/erasure-store.ts";
import type { Identity } from "../../domain/identity/identity.ts";
import type { JobService } from "../../domain/jobs/job-service.ts";
import type { DependencyProbe } from "../../domain/ports.ts";
import type { StreamService } from "../../domain/streams/stream-service.ts";
import type { DeliveryLog, WebhookSecrets } from "../../domain/webhooks/delivery-queue.ts";
import type { Metrics } from "../../internal/metrics.ts";
import type { EventStreams } from "../event-stream.ts";
import type { Limits } from "../limits.ts";
import type { SendReady } from "../ready-answer.ts";

/** What the operations' handlers work with. */
export interface OperationContext {
  readonly settings: Settings;
  readonly version: string;
  readonly compute: ComputeService;
  readonly jobs: JobService;
  readonly streams: StreamService;
  readonly datasets: DatasetServices;
  readonly engine: Engine;
  readonly identity: Identity;
  readonly defaultProjectId: string;
  readonly webhooks: { readonly deliveries: DeliveryLog; readonly secrets: WebhookSecrets };
  readonly erasures: ErasureLog;
  readonly metrics: Metrics;
  readonly probes: readonly DependencyProbe[];
  readonly limits: Limits;
  readonly isShuttingDown: () => boolean;
  readonly eventStreams: EventStreams;
  readonly sendReady: SendReady;
  /** What an operator should attend to. */
  readonly warnings: () => Promise<readonly string[]>;
}

/** Makes an operation's handler from what it works with. */
export type HandlerOf = (context: OperationContext) => RouteHandlerMethod;
