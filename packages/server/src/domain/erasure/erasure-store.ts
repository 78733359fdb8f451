import type { Erasure, ErasureState } from "@tda-platform/contract/erasures";

export type ErasureRequestOutcome =
  | { readonly kind: "erasure"; readonly erasure: Erasure }
  | { readonly kind: "no_project" | "other_name" | "default_project" };

/** Erasures as callers see them. */
export interface ErasureLog {
  /** Marks the project, or finds the erasure that was asked for before. Durable when it resolves. */
  request(projectId: string, confirmedName: string, requestedBy: string): Promise<ErasureRequestOutcome>;
  read(id: string): Promise<Erasure | null>;
  list(page: { readonly limit: number; readonly before: string | null }): Promise<readonly Erasure[]>;
}

/** An erasure that is ours to go on with until its lease ends. */
export interface ErasureTask {
  readonly id: string;
  readonly projectId: string;
  readonly state: ErasureState;
  /** What writes to the record must still have it. */
  readonly attempt: number;
  /** Since the state was reached, by the database's clock. */
  readonly stateAgeMs: number;
}

export interface ErasureProgress {
  readonly state?: ErasureState;
  readonly rows?: number;
  readonly blobs?: number;
  /** When to go on; now unless told. The lease is renewed by each progress otherwise. */
  readonly waitMs?: number;
  readonly error?: string | null;
}

/** The steps of an erasure, each of which may be repeated. */
export interface ErasureStore {
  /** One that is due; null: there is none. Also one that is done whose late sweep is due. */
  claim(leaseMs: number, lateSweepMs: number): Promise<ErasureTask | null>;
  /** False: it is no longer ours. */
  progress(task: ErasureTask, leaseMs: number, progress: ErasureProgress): Promise<boolean>;
  /** Ends the late sweep of an erasure that is done. */
  swept(task: ErasureTask): Promise<void>;
  /** Revokes the project's credentials. */
  closeCredentials(projectId: string): Promise<void>;
  /** Cancels jobs that wait or run; returns how many there were. */
  cancelJobs(projectId: string): Promise<number>;
  /** Deletes a batch of rows of any table but that of the blobs; 0: none is left. */
  deleteRows(projectId: string, limit: number): Promise<number>;
  /** Objects of the project that the store may still hold. */
  blobs(projectId: string, limit: number): Promise<readonly string[]>;
  forgetBlob(projectId: string, blobId: string): Promise<void>;
  /** Deletes the project itself, with its secrets. Fails as long as something refers to it. */
  deleteProject(projectId: string): Promise<void>;
}
