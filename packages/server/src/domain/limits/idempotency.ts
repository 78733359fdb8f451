/**
 * The answers to requests with an `Idempotency-Key`, kept for a day within project and operation. Routes whose operation has
 * `creates: true` are served by a hook; a handler needs nothing of this, but may take the identifier of what it creates from
 * `idempotentId(request, prefix)`: after a crash between the commit and the answer, the repeated request then gets the same
 * identifier, and `on conflict (id) do nothing` finds what was created.
 */
export interface IdempotencyStore {
  /** @throws DependencyUnavailable */
  begin(scope: IdempotencyScope, digest: Uint8Array | null): Promise<IdempotencyBegin>;
  /** Keeps the attempt while it goes on; false: another one has taken over. */
  renew(attempt: IdempotencyAttempt): Promise<boolean>;
  /** Keeps the answer, durably, before the client gets it. */
  complete(attempt: IdempotencyAttempt, digest: Uint8Array, answer: KeptAnswer): Promise<void>;
  /** Forgets the attempt: the key is free again. */
  abandon(attempt: IdempotencyAttempt): Promise<void>;
}

export interface IdempotencyScope {
  readonly projectId: string;
  readonly operation: string;
  readonly key: string;
}

export interface IdempotencyAttempt extends IdempotencyScope {
  /** Fences: only the latest attempt may complete. */
  readonly token: string;
  /** A UUIDv7, the same for every attempt under the key. */
  readonly seed: string;
}

export type IdempotencyBegin =
  | { readonly state: "new"; readonly attempt: IdempotencyAttempt }
  /** `digest` null: its body is still arriving. */
  | { readonly state: "in_progress"; readonly digest: Uint8Array | null; readonly retryAfterSeconds: number }
  | { readonly state: "completed"; readonly digest: Uint8Array; readonly answer: KeptAnswer };

export interface KeptAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}
