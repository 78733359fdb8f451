import { openAsBlob } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

export interface FlinkAddresses {
  /** Of the JobManager's REST interface and web page. */
  readonly url: string;
  readonly checkpointFolder: string;
  readonly savepointFolder: string;
  /** One for each process, in Prometheus' format. */
  readonly metricsUrls: readonly string[];
}

export interface SubmitOptions {
  /** A savepoint, or a retained checkpoint, to start from. */
  readonly savepoint?: string;
  /** Goes on where state of the savepoint belongs to no operator of the job. Default false. */
  readonly allowNonRestoredState?: boolean;
  readonly parallelism?: number;
  /** Default: the one that the jar's manifest names. */
  readonly mainClass?: string;
}

/** As Flink names them: RUNNING, RESTARTING, FAILED, CANCELED, FINISHED, SUSPENDED and those in between. */
export type JobState = string;

const requestLimitMs = 30_000;
const waitLimitMs = 120_000;

/** Jobs of a cluster over its REST interface, from any process that knows the addresses. */
export class FlinkClient {
  readonly #addresses: FlinkAddresses;

  constructor(addresses: FlinkAddresses) {
    this.#addresses = addresses;
  }

  /** Id of the job, which may not run yet: see `running`. */
  async submitJob(jar: string, args: readonly string[] = [], options: SubmitOptions = {}): Promise<string> {
    const form = new FormData();
    form.set("jarfile", await openAsBlob(jar, { type: "application/java-archive" }), basename(jar));
    const { filename } = await this.#request<{ filename: string }>("POST", "/jars/upload", form);
    const { jobid } = await this.#request<{ jobid: string }>("POST", `/jars/${basename(filename)}/run`, {
      programArgsList: args,
      ...(options.savepoint !== undefined && { savepointPath: options.savepoint }),
      ...(options.allowNonRestoredState !== undefined && { allowNonRestoredState: options.allowNonRestoredState }),
      ...(options.parallelism !== undefined && { parallelism: options.parallelism }),
      ...(options.mainClass !== undefined && { entryClass: options.mainClass }),
    });
    return jobid;
  }

  async jobs(): Promise<readonly { readonly id: string; readonly status: JobState }[]> {
    return (await this.#request<{ jobs: { id: string; status: JobState }[] }>("GET", "/jobs")).jobs;
  }

  async jobState(job: string): Promise<JobState> {
    return (await this.#details(job)).state;
  }

  /** Waits until all its tasks run; throws where it ended instead. */
  async running(job: string, limitMs = waitLimitMs): Promise<void> {
    await this.#poll(`the job ${job} does not run`, limitMs, async () => {
      const { state, vertices } = await this.#details(job);
      if (isEnd(state)) throw new Error(`the job ${job} is ${state}: ${await this.failure(job)}`);
      return state === "RUNNING" && vertices.every(({ status }) => status === "RUNNING");
    });
  }

  /** Why it last failed, or null. */
  async failure(job: string): Promise<string | null> {
    const { exceptionHistory } = await this.#request<{
      exceptionHistory: { entries: { stacktrace: string }[] };
    }>("GET", `/jobs/${job}/exceptions`);
    return exceptionHistory.entries[0]?.stacktrace ?? null;
  }

  /** Ends it in order and answers where the savepoint is. `drain`: no more records will come, all windows are over. */
  async stopWithSavepoint(job: string, { drain = false } = {}): Promise<string> {
    const body = { targetDirectory: this.#addresses.savepointFolder, drain };
    const trigger = await this.#request<{ "request-id": string }>("POST", `/jobs/${job}/stop`, body);
    interface Progress {
      readonly status: { readonly id: string };
      readonly operation?: {
        readonly location?: string;
        readonly "failure-cause"?: { readonly "stack-trace": string };
      };
    }
    let location = "";
    await this.#poll(`the job ${job} does not stop`, waitLimitMs, async () => {
      const path = `/jobs/${job}/savepoints/${trigger["request-id"]}`;
      const { status, operation } = await this.#request<Progress>("GET", path);
      const failure = operation?.["failure-cause"];
      if (failure !== undefined) throw new Error(`the job ${job} makes no savepoint: ${failure["stack-trace"]}`);
      location = operation?.location ?? "";
      return status.id === "COMPLETED";
    });
    await this.ended(job);
    return location;
  }

  /** Waits until it has ended. */
  async cancel(job: string): Promise<void> {
    await this.#request("PATCH", `/jobs/${job}?mode=cancel`);
    await this.ended(job);
  }

  /** Waits until it has ended, and says how. */
  async ended(job: string): Promise<JobState> {
    let last = "";
    await this.#poll(`the job ${job} does not end`, waitLimitMs, async () => {
      last = await this.jobState(job);
      return isEnd(last);
    });
    return last;
  }

  /** Waits until it runs and has completed another checkpoint. */
  async checkpointed(job: string): Promise<void> {
    interface Statistics {
      readonly counts: { readonly completed: number };
    }
    const completed = async () => (await this.#request<Statistics>("GET", `/jobs/${job}/checkpoints`)).counts.completed;
    await this.running(job);
    const before = await completed();
    await this.#poll(`the job ${job} completes no checkpoint`, waitLimitMs, async () => (await completed()) > before);
  }

  /** Where the savepoint or checkpoint is that it started from, or started again from; null: from nothing. */
  async restoredFrom(job: string): Promise<string | null> {
    const { latest } = await this.#request<{ latest: { restored: { external_path: string } | null } }>(
      "GET",
      `/jobs/${job}/checkpoints`,
    );
    return latest.restored?.external_path ?? null;
  }

  /** Folder of the newest complete checkpoint of a job, or null. Asks the disk alone: the JobManager may be gone. */
  async latestCheckpoint(job: string): Promise<string | null> {
    const folder = join(this.#addresses.checkpointFolder, job);
    const names = await readdir(folder).catch(() => [] as string[]);
    const numbers = names.flatMap((name) => (/^chk-\d+$/.test(name) ? [Number(name.slice(4))] : []));
    for (const number of numbers.sort((one, other) => other - one)) {
      const checkpoint = join(folder, `chk-${number}`);
      if (await stat(join(checkpoint, "_metadata")).catch(() => undefined)) return checkpoint;
    }
    return null;
  }

  /** Ids of the TaskManagers that the JobManager knows; each life of one has its own. */
  async taskManagerIds(): Promise<readonly string[]> {
    const { taskmanagers } = await this.#request<{ taskmanagers: { id: string }[] }>("GET", "/taskmanagers");
    return taskmanagers.map(({ id }) => id);
  }

  #details(job: string): Promise<{ state: JobState; vertices: { status: string }[] }> {
    return this.#request("GET", `/jobs/${job}`);
  }

  async #request<Answer>(method: string, path: string, body?: FormData | object): Promise<Answer> {
    const isForm = body === undefined || body instanceof FormData;
    const answer = await fetch(`${this.#addresses.url}${path}`, {
      method,
      ...(body !== undefined && { body: isForm ? body : JSON.stringify(body) }),
      ...(!isForm && { headers: { "content-type": "application/json" } }),
      signal: AbortSignal.timeout(requestLimitMs),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`Flink answers ${method} ${path} with ${answer.status}: ${text.slice(0, 4096)}`);
    return (text === "" ? {} : JSON.parse(text)) as Answer;
  }

  async #poll(complaint: string, limitMs: number, isDone: () => Promise<boolean>): Promise<void> {
    for (const end = Date.now() + limitMs; Date.now() < end; await sleep(100)) if (await isDone()) return;
    throw new Error(`${complaint} within ${limitMs / 1000} s`);
  }
}

function isEnd(state: JobState): boolean {
  return ["FAILED", "CANCELED", "FINISHED"].includes(state);
}
