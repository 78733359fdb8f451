import type { Delivery, DeliveryError, DeliveryListQuery, WebhookSecret } from "@tda-platform/contract/webhooks";

/** A delivery whose attempt is ours to make until the lease ends. */
export interface DueDelivery {
  readonly projectId: string;
  readonly id: string;
  readonly url: string;
  readonly host: string;
  /** The body as it is sent, in every attempt the same. */
  readonly body: string;
  /** Number of this attempt, from 1 on and never used twice: what settles it must still have it. */
  readonly attempt: number;
  /** Attempts that failed since the delivery was made, or redriven. */
  readonly failures: number;
}

export type AttemptOutcome =
  | { readonly kind: "delivered"; readonly responseStatus: number }
  | {
      readonly kind: "failed";
      readonly error: DeliveryError;
      readonly responseStatus: number | null;
      /** null: it was the last attempt. */
      readonly retryAfterMs: number | null;
    }
  /** The attempt was given up by us: it counts for nothing. */
  | { readonly kind: "released" };

export interface ClaimRequest {
  readonly limit: number;
  readonly perHost: number;
  /** Deliveries under way here, by host: they count among those of their host. */
  readonly underWay: ReadonlyMap<string, number>;
  readonly leaseMs: number;
}

/** Deliveries of all projects, for those that make them. */
export interface DeliveryQueue {
  /** Makes deliveries of jobs that have ended and want to be told; returns how many. Each end once. */
  queueEndedJobs(limit: number): Promise<number>;
  /** Leases deliveries that are due, the longest due first. */
  claim(request: ClaimRequest): Promise<readonly DueDelivery[]>;
  /** Records what came of an attempt. False: it was no longer ours (the lease ended, or the project was erased). */
  settle(delivery: DueDelivery, outcome: AttemptOutcome): Promise<boolean>;
  /** Removes deliveries that ended before so many days; returns how many. */
  deleteOld(retentionDays: number): Promise<number>;
}

/** The log of a project's deliveries, for its callers. */
export interface DeliveryLog {
  list(
    projectId: string,
    page: { readonly limit: number; readonly before: string | null },
    filter: Pick<DeliveryListQuery, "status" | "job_id" | "stream_id">,
  ): Promise<readonly Delivery[]>;
  /** Makes a delivery due at once, with all its attempts before it. null: there is none. */
  redrive(projectId: string, id: string): Promise<Delivery | null>;
}

/** What a project's webhooks are signed with. Sealed at rest. */
export interface WebhookSecrets {
  /** Those that sign now, the newest first; made when there is none. */
  signing(projectId: string): Promise<readonly string[]>;
  list(projectId: string): Promise<readonly WebhookSecret[]>;
  /** Makes a new one; the present one signs beside it for the overlap, and any older one no more. */
  rotate(projectId: string, overlapSeconds: number): Promise<WebhookSecret>;
  /** Brings those of all projects under the present master key; returns how many were not. */
  renew(): Promise<number>;
}
