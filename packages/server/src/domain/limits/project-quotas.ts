import { ProblemError } from "../problem.ts";
import type { HeldAmounts, QuotaLimits, Quotas, UsageAmounts } from "./ports.ts";
import { hourOf, type UsageMeter } from "./usage-meter.ts";

export interface ProjectQuotasOptions {
  readonly limits: QuotaLimits;
  readonly held: HeldAmounts;
  readonly meter: UsageMeter;
  /** Live instances, among which what is counted in each is divided. */
  readonly instances: () => number;
}

type QuotaProblem =
  | "concurrency_limit_exceeded"
  | "job_quota_exceeded"
  | "storage_quota_exceeded"
  | "cpu_quota_exceeded";

/** What a project has in use at present, beside the limits. */
export interface PresentUse {
  readonly concurrentComputations: number;
  readonly queuedJobs: number;
  readonly storageBytes: number;
  readonly cpuSecondsPerHour: number;
}

const HOUR_MS = 3_600_000;
const SOON_SECONDS = 2;
/** A count of queued jobs is kept so long; jobs that this instance queues meanwhile are added to it. */
const JOBS_FRESH_MS = 1_000;
const KNOWN_PROJECTS = 10_000;
/** What is stored leaves when somebody deletes it. */
const STORAGE_RETRY_SECONDS = 60;

interface CountedJobs {
  count: number;
}

/** The quotas of projects, by what their tables hold, what this instance has running, and the hour's use. */
export class ProjectQuotas implements Quotas {
  readonly limits: QuotaLimits;
  readonly #options: ProjectQuotasOptions;
  readonly #computing = new Map<string, number>();
  readonly #jobs = new Map<string, { readonly at: number; readonly counted: Promise<CountedJobs> }>();

  constructor(options: ProjectQuotasOptions) {
    this.#options = options;
    this.limits = options.limits;
  }

  async admitJobs(projectId: string, count: number): Promise<void> {
    await this.#requireCpu(projectId);
    const limit = this.limits.queuedJobs;
    if (limit === 0) return;
    const counted = await this.#countedJobs(projectId);
    if (counted.count + count > limit) {
      throw refusal("job_quota_exceeded", `The project may have ${limit} jobs queued or running.`, SOON_SECONDS, limit);
    }
    counted.count += count;
  }

  async enterComputation(projectId: string): Promise<() => void> {
    await this.#requireCpu(projectId);
    const limit = this.limits.concurrentComputations;
    const share = Math.max(1, Math.floor(limit / this.#options.instances()));
    if (limit !== 0 && (this.#computing.get(projectId) ?? 0) >= share) {
      const detail = `The project may have ${limit} computations in progress.`;
      throw refusal("concurrency_limit_exceeded", detail, SOON_SECONDS, limit);
    }
    add(this.#computing, projectId, 1);
    let isInside = true;
    return () => {
      if (isInside) add(this.#computing, projectId, -1);
      isInside = false;
    };
  }

  charge(projectId: string, used: Partial<UsageAmounts>): void {
    this.#options.meter.charge(projectId, used);
  }

  /** @throws DependencyUnavailable */
  async present(projectId: string): Promise<PresentUse> {
    const { held, meter } = this.#options;
    const [queuedJobs, storageBytes, cpuSecondsPerHour] = await Promise.all([
      held.queuedJobs(projectId),
      held.storedBytes(projectId),
      meter.cpuSeconds(projectId),
    ]);
    const concurrentComputations = this.#computing.get(projectId) ?? 0;
    return { concurrentComputations, queuedJobs, storageBytes, cpuSecondsPerHour };
  }

  /** The same for all who ask within a second: what they accept meanwhile is added to it. */
  #countedJobs(projectId: string): Promise<CountedJobs> {
    const known = this.#jobs.get(projectId);
    if (known !== undefined && Date.now() - known.at < JOBS_FRESH_MS) return known.counted;
    const counted = this.#options.held.queuedJobs(projectId).then((count) => ({ count }));
    const entry = { at: Date.now(), counted };
    if (this.#jobs.size >= KNOWN_PROJECTS) this.#jobs.clear();
    this.#jobs.set(projectId, entry);
    counted.catch(() => {
      if (this.#jobs.get(projectId) === entry) this.#jobs.delete(projectId);
    });
    return counted;
  }

  async #requireCpu(projectId: string): Promise<void> {
    const limit = this.limits.cpuSecondsPerHour;
    if (limit === 0 || (await this.#options.meter.cpuSeconds(projectId)) < limit) return;
    const now = Date.now();
    const seconds = Math.ceil((hourOf(now) + HOUR_MS - now) / 1000);
    throw refusal("cpu_quota_exceeded", `The project may use ${limit} CPU seconds an hour.`, seconds, limit);
  }
}

/**
 * Of what single requests are storing only the end is counted: several at once may pass the limit together.
 * @throws ProblemError `storage_quota_exceeded`
 */
export async function requireStorage(
  limit: number,
  held: Pick<HeldAmounts, "storedBytes">,
  projectId: string,
  bytes: number,
): Promise<void> {
  if (limit === 0 || (await held.storedBytes(projectId)) + bytes <= limit) return;
  const detail = `The project may store ${limit} bytes, and this would be more.`;
  throw refusal("storage_quota_exceeded", detail, STORAGE_RETRY_SECONDS, limit);
}

function refusal(code: QuotaProblem, detail: string, retryAfterSeconds: number, limit: number): ProblemError {
  return new ProblemError(code, detail, { members: { limit }, retryAfterSeconds });
}

function add(counts: Map<string, number>, projectId: string, change: number): void {
  const count = (counts.get(projectId) ?? 0) + change;
  if (count > 0) counts.set(projectId, count);
  else counts.delete(projectId);
}
