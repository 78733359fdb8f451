import type { AuditEntry, AuditExportQuery } from "@tda-platform/contract/audit-schemas";
import pg from "pg";
import type { AuditReader, Slice } from "../../../domain/identity/ports.ts";
import type { AuditEvent, AuditLog } from "../../../domain/ports.ts";
import { newId } from "../../../internal/ids.ts";
import type { Logger } from "../../../internal/logger.ts";
import { inProject, setProject, transaction } from "../project-transaction.ts";
import { type AuditRow, insertAuditRows } from "./audit-rows.ts";

const flushEveryMs = 100;
/** Rows of one flush that stand for one request each; further requests that are alike are counted in one of them. */
const singleRows = 64;
/** The same of requests without accepted credentials, which anyone can make, from any number of addresses. */
const anonymousRows = 16;
/** Different rows that wait at most; beyond them events are counted and told in the server's log. */
const waitingLimit = 8_192;
const retryMs = 1_000;

/**
 * Events go into memory and are written every 100 ms by one statement a project: about a microsecond each. In a burst,
 * requests that are alike (caller, operation, target, address, status) share a row, which counts them and names the first;
 * of strangers operation and status are enough. Without a database rows wait, within a bound.
 */
export class PostgresAuditLog implements AuditLog, AuditReader {
  readonly #pool: pg.Pool;
  readonly #logger: Logger;
  /** Whose log has what is nobody's: requests without accepted credentials. */
  readonly #defaultProjectId: string;
  #waiting: AuditRow[] = [];
  /** Where in `#waiting` those begin that events may still be counted in. */
  #firstOpen = 0;
  #lost = 0;
  #timer: NodeJS.Timeout | null = null;
  #flushing: Promise<void> = Promise.resolve();
  #isFlushing = false;
  #isClosed = false;

  constructor(pool: pg.Pool, defaultProjectId: string, logger: Logger) {
    this.#pool = pool;
    this.#defaultProjectId = defaultProjectId;
    this.#logger = logger;
  }

  record(event: AuditEvent): void {
    const open = this.#waiting.length - this.#firstOpen;
    if (open >= (event.principal === null ? anonymousRows : singleRows)) {
      const alike = this.#findAlike(event);
      if (alike !== undefined) {
        alike.count++;
        return;
      }
    }
    if (this.#waiting.length >= waitingLimit) {
      this.#lost++;
      return;
    }
    const { principal } = event;
    this.#waiting.push({
      id: newId("aud"),
      projectId: principal?.projectId ?? this.#defaultProjectId,
      occurredAt: new Date(),
      actorKind: principal?.kind ?? "anonymous",
      actorId: principal?.id ?? null,
      credentialId: principal?.credentialId ?? null,
      operation: event.operation,
      target: event.target,
      status: event.status,
      address: event.address,
      requestId: event.requestId,
      count: 1,
    });
    this.#schedule(flushEveryMs);
  }

  /** Among the last rows only, so that a burst of unlike requests costs no search of thousands. */
  #findAlike({ principal, operation, target, address, status }: AuditEvent): AuditRow | undefined {
    const actorId = principal?.id ?? null;
    const projectId = principal?.projectId ?? this.#defaultProjectId;
    const end = Math.max(this.#firstOpen, this.#waiting.length - singleRows);
    for (let i = this.#waiting.length - 1; i >= end; i--) {
      const row = this.#waiting[i]!;
      const isSame = row.operation === operation && row.status === status && row.actorId === actorId;
      if (!isSame || row.projectId !== projectId) continue;
      if (principal === null || (row.address === address && row.target === target)) return row;
    }
    return undefined;
  }

  /** Writes what waits. */
  async drain(): Promise<void> {
    this.#isClosed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    await this.#flushing;
    await this.#flush();
  }

  /** One flush at a time: what is under way would otherwise be written twice. */
  #schedule(ms: number): void {
    if (this.#timer !== null || this.#isFlushing || this.#isClosed) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#flushing = this.#flush();
    }, ms).unref();
  }

  async #flush(): Promise<void> {
    const count = this.#waiting.length;
    if (count === 0) return;
    this.#isFlushing = true;
    // They stay in their place until they are written: nothing may be counted in them any more.
    this.#firstOpen = count;
    let nextMs = flushEveryMs;
    try {
      await this.#write(this.#waiting.slice(0, count));
      this.#waiting.splice(0, count);
      this.#firstOpen = 0;
      this.#tellLost();
    } catch (error) {
      if (isDataError(error)) {
        // It would never be taken, and would hold up all that comes after it.
        this.#waiting.splice(0, count);
        this.#lost += count;
      }
      this.#firstOpen = this.#waiting.length;
      nextMs = retryMs;
      this.#logger.warn({ err: error, waiting: this.#waiting.length }, "the audit log could not be written yet");
    }
    this.#isFlushing = false;
    if (this.#waiting.length > 0) this.#schedule(nextMs);
  }

  async #write(rows: readonly AuditRow[]): Promise<void> {
    await transaction(this.#pool, async (client) => {
      for (const [projectId, ofProject] of Map.groupBy(rows, (row) => row.projectId)) {
        await setProject(client, projectId);
        await insertAuditRows(client, ofProject);
      }
    });
  }

  #tellLost(): void {
    if (this.#lost === 0) return;
    this.#logger.error({ lost: this.#lost }, "events are missing from the audit log: the database was away too long");
    this.#lost = 0;
  }

  async list(projectId: string, filter: AuditExportQuery, { limit, before }: Slice): Promise<readonly AuditEntry[]> {
    const values: unknown[] = [projectId, limit + 1];
    const conditions = ["project_id = $1"];
    const require = (condition: (parameter: string) => string, value: unknown): void => {
      if (value === undefined || value === null) return;
      values.push(value);
      conditions.push(condition(`$${values.length}`));
    };
    require((p) => `id < ${p}`, before);
    for (const column of ["operation", "actor_id", "target", "request_id", "outcome"] as const) {
      require((p) => `${column} = ${p}`, filter[column]);
    }
    require((p) => `occurred_at >= ${p}`, timeOf(filter.from));
    require((p) => `occurred_at < ${p}`, timeOf(filter.to));
    const { rows } = await inProject(this.#pool, projectId, (client) =>
      client.query<AuditEntry & { occurred_at: Date }>(
        `select id, occurred_at, actor_kind, actor_id, credential_id, operation, target, outcome, status, address, request_id, count
         from tda.audit_log where ${conditions.join(" and ")} order by id desc limit $2`,
        values,
      ),
    );
    return rows.map((row) => ({ ...row, occurred_at: (row.occurred_at as Date).toISOString() }));
  }
}

function isDataError(error: unknown): boolean {
  return error instanceof pg.DatabaseError && /^2[23]/.test(error.code ?? "");
}

function timeOf(text: string | undefined): Date | undefined {
  return text === undefined ? undefined : new Date(text);
}
