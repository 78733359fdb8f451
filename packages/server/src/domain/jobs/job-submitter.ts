import type { Job, JobBatch, JobWarning } from "@tda-platform/contract/jobs";
import type { Engine } from "@tda-platform/engine/types";
import { newId } from "../../internal/ids.ts";
import { Admission } from "../compute/admission.ts";
import { circularKey, contentKey } from "../compute/cache-keys.ts";
import { resolveCircular } from "../compute/circular-request.ts";
import type { ProjectKeys } from "../compute/project-keys.ts";
import { type ComputeLimits, type ResolvedRequest, resolveRequest } from "../compute/resolve-request.ts";
import type { DatasetInputs } from "../datasets/dataset-inputs.ts";
import { movedBelow, type ParsedJob, type ParsedJobItem, type RawJobRequest } from "../input/job-request.ts";
import type { LoadedRipsRequest } from "../input/rips-request.ts";
import type { Quotas } from "../limits/ports.ts";
import type { Offload } from "../offload/offload.ts";
import type { Principal } from "../ports.ts";
import { fromPlainProblem } from "../problem.ts";
import { costWarnings, type JobCost, jobCost, orderDelaySeconds, refuseCostly } from "./job-cost.ts";
import { encodeInput } from "./job-input.ts";
import { jobProblem } from "./job-problem.ts";
import type { JobStore } from "./job-store.ts";
import { jobView } from "./job-view.ts";

export interface SubmitterSettings extends ComputeLimits {
  readonly engineHosts: number;
  readonly maxJobSeconds: number;
  readonly maxJobMemoryBytes: number;
  readonly webhookAllowHttp: boolean;
}

export interface SubmitterDependencies {
  readonly engine: Engine;
  readonly jobs: JobStore;
  readonly keys: ProjectKeys;
  readonly offload: Offload;
  readonly inputs: DatasetInputs;
  readonly quotas: Pick<Quotas, "admitJobs">;
  readonly settings: SubmitterSettings;
}

/** Who submits, after authentication and permission. */
export interface Submitter {
  readonly caller: Pick<Principal, "id" | "projectId">;
  readonly requestId: string;
  /** The trace of the request (W3C Trace Context); null: it came without one. */
  readonly traceparent: string | null;
  /** The identifier of the job at a place of the request, the same when the request is repeated; new ones unless told. */
  readonly jobId?: (index: number) => string;
}

/** Estimates under way, and those that wait for their turn, of all submissions together. */
const WAITING_ESTIMATES = 4_096;
/** Of one batch at the same time. */
const BATCH_CONCURRENCY = 64;

interface LoadedJob extends ParsedJob {
  readonly request: LoadedRipsRequest;
}

interface ToSubmit extends Omit<ParsedJob, "request"> {
  readonly diagram: ResolvedRequest;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly key: string;
}

/** Takes jobs: checks them, asks what they cost, and stores them. */
export class JobSubmitter {
  readonly #dependencies: SubmitterDependencies;
  readonly #estimates: Admission;

  constructor(dependencies: SubmitterDependencies) {
    this.#dependencies = dependencies;
    this.#estimates = new Admission(dependencies.settings.engineHosts, WAITING_ESTIMATES);
  }

  /** The job, once it is stored. @throws ProblemError. */
  async submit(raw: RawJobRequest, submitter: Submitter): Promise<Job> {
    const [item] = await this.#dependencies.offload.parseJobs(raw);
    return await this.#submitItem(item!, submitter, "", 0);
  }

  /** Each item for itself, in their order. @throws ProblemError for what is wrong with the body as a whole. */
  async submitBatch(raw: RawJobRequest, submitter: Submitter): Promise<JobBatch> {
    const parsed = await this.#dependencies.offload.parseJobs(raw);
    const items: JobBatch["items"] = [];
    let next = 0;
    const work = async (): Promise<void> => {
      while (next < parsed.length) {
        const index = next++;
        items[index] = await this.#submitItem(parsed[index]!, submitter, `/jobs/${index}`, index).then(
          (job) => ({ index, job, problem: null }),
          (error: unknown) => ({
            index,
            job: null,
            problem: { ...jobProblem({ id: "", requestId: submitter.requestId }, error), instance: "/v1/jobs/batch" },
          }),
        );
      }
    };
    await Promise.all(Array.from({ length: BATCH_CONCURRENCY }, work));
    const accepted = items.filter(({ job }) => job !== null).length;
    return { accepted, rejected: items.length - accepted, items };
  }

  /** A synchronous request that becomes a job. `cost` is known where it was the reason. */
  async submitResolved(diagram: ResolvedRequest, submitter: Submitter, cost: JobCost | null): Promise<Job> {
    const { engine, keys } = this.#dependencies;
    const job: ToSubmit = {
      algorithm: "vietoris-rips",
      diagram,
      parameters: diagram.parameters,
      key: contentKey(await keys.of(submitter.caller.projectId), diagram, engine),
      priority: 0,
      callbackUrl: null,
      deadlineSeconds: null,
      cpuLimitSeconds: null,
    };
    return await this.#store(job, submitter, cost ?? (await this.#cost(diagram)), 0);
  }

  async #submitItem(item: ParsedJobItem, submitter: Submitter, place: string, index: number): Promise<Job> {
    if ("problem" in item) throw fromPlainProblem(item.problem);
    try {
      const held = await this.#dependencies.inputs.load(submitter.caller.projectId, item.job.request);
      try {
        const job = await this.#resolve({ ...item.job, request: held.request }, submitter);
        const cost = await this.#cost(job.diagram);
        return await this.#store(job, submitter, cost, index);
      } finally {
        held.release();
      }
    } catch (error) {
      throw movedBelow(`${place}/input`, error);
    }
  }

  async #resolve({ request, ...rest }: LoadedJob, { caller }: Submitter): Promise<ToSubmit> {
    const { engine, keys, settings } = this.#dependencies;
    const secret = await keys.of(caller.projectId);
    if (rest.algorithm === "vietoris-rips") {
      const diagram = resolveRequest(request, settings);
      return { ...rest, diagram, parameters: diagram.parameters, key: contentKey(secret, diagram, engine) };
    }
    const circular = resolveCircular(request, settings);
    const { diagram, parameters } = circular;
    return { ...rest, diagram, parameters, key: circularKey(secret, circular, engine) };
  }

  /** Goes on when the client has left: what it costs is soon known, and the job may as well be stored. */
  #cost(diagram: ResolvedRequest): Promise<JobCost> {
    const { signal } = new AbortController();
    return this.#estimates.run(signal, () => jobCost(this.#dependencies.engine, diagram, signal));
  }

  async #store(job: ToSubmit, submitter: Submitter, cost: JobCost, index: number): Promise<Job> {
    const { jobs, quotas, settings } = this.#dependencies;
    const { caller, requestId, traceparent, jobId = () => newId("job") } = submitter;
    refuseCostly(cost, settings);
    await quotas.admitJobs(caller.projectId, 1);
    const memoryLimitBytes = job.diagram.parameters.memory_limit_bytes;
    const { algorithm, parameters, priority, callbackUrl, deadlineSeconds, cpuLimitSeconds } = job;
    const stored = await jobs.submit({
      ...{ algorithm, parameters, priority, callbackUrl, deadlineSeconds, cpuLimitSeconds, requestId, traceparent },
      id: jobId(index),
      projectId: caller.projectId,
      principalId: caller.id,
      computationId: newId("cmp"),
      inputSha256: job.diagram.inputSha256,
      input: encodeInput(job.diagram.input),
      dedupKey: `${job.key} ${memoryLimitBytes}`,
      orderDelaySeconds: orderDelaySeconds(cost, priority),
      estimateSeconds: cost.seconds,
      estimateBytes: cost.bytes,
      warnings: [
        ...costWarnings(cost, { memoryLimitBytes, deadlineSeconds }),
        ...callbackWarnings(callbackUrl, settings.webhookAllowHttp),
      ],
    });
    return jobView(stored);
  }
}

/** That nobody will be told is known now, and the setting may change until then: a warning, no refusal. */
function callbackWarnings(callbackUrl: string | null, allowsHttp: boolean): JobWarning[] {
  if (callbackUrl === null || allowsHttp || !URL.parse(callbackUrl)?.protocol.startsWith("http:")) return [];
  const detail = "This server tells job ends over https only: the webhook will not be delivered.";
  return [{ code: "callback_not_deliverable", detail }];
}
