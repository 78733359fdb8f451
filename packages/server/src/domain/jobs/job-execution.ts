import type { ResolvedRipsParameters } from "@tda-platform/contract/compute-parameters";
import type { Engine, EngineInput, EngineProgress } from "@tda-platform/engine/types";
import type { Metrics } from "../../internal/metrics.ts";
import { contentKey } from "../compute/cache-keys.ts";
import { circularBody, circularOptions, type ResolvedCircularRequest } from "../compute/circular-request.ts";
import { withEngineProblems } from "../compute/engine-problem.ts";
import type { ProjectKeys } from "../compute/project-keys.ts";
import { resultBars } from "../compute/render-bars.ts";
import { type ResolvedRequest, ripsOptions } from "../compute/resolve-request.ts";
import { type StoredResult, storedResult } from "../compute/result-body.ts";
import type { ResultLookup } from "../compute/result-lookup.ts";
import type { Quotas } from "../limits/ports.ts";
import type { Offload } from "../offload/offload.ts";
import type { LeasedJob } from "./job.ts";
import type { RanComputation } from "./job-store.ts";

export interface ExecutionDependencies {
  readonly engine: Engine;
  readonly offload: Offload;
  readonly keys: ProjectKeys;
  /** null: results are not cached. */
  readonly results: ResultLookup | null;
  readonly metrics: Metrics;
  readonly quotas: Pick<Quotas, "charge">;
}

/** What an attempt that succeeded leaves. `ran` is null when the result was there already. */
export interface Execution {
  /** The answer's JSON after its parameters. */
  readonly body: Uint8Array;
  readonly ran: RanComputation | null;
}

export interface ExecutionCall {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: EngineProgress) => void;
}

/** Computes a job's answer, or finds it in the cache. @throws ProblemError; whatever the signal's reason makes of the engine. */
export async function execute(
  dependencies: ExecutionDependencies,
  job: LeasedJob,
  input: EngineInput,
  call: ExecutionCall,
): Promise<Execution> {
  const startedAt = performance.now();
  const run = job.algorithm === "vietoris-rips" ? executeRips : executeCircular;
  try {
    const done = await run(dependencies, job, input, call);
    const milliseconds = done.ran?.statistics?.computeMs;
    if (typeof milliseconds === "number") charge(dependencies, job, milliseconds);
    return done;
  } catch (error) {
    charge(dependencies, job, performance.now() - startedAt);
    throw error;
  }
}

function charge({ quotas }: ExecutionDependencies, { projectId, parameters }: LeasedJob, milliseconds: number): void {
  const threads = (parameters as { readonly threads?: number | null }).threads ?? 1;
  quotas.charge(projectId, { computations: 1, cpuSeconds: (milliseconds / 1000) * threads });
}

async function executeRips(
  { engine, offload, keys, results, metrics }: ExecutionDependencies,
  job: LeasedJob,
  input: EngineInput,
  call: ExecutionCall,
): Promise<Execution> {
  const parameters = job.parameters as ResolvedRipsParameters;
  const request: ResolvedRequest = {
    input,
    inputSha256: job.inputSha256,
    parameters,
    options: ripsOptions(parameters),
  };
  // By this server's engine, which may be another than the one that the job was submitted to.
  const key = contentKey(await keys.of(job.projectId), request, engine);
  const cached = await results?.result(job.projectId, key);
  if (cached !== undefined && cached.peakBytes <= parameters.memory_limit_bytes) {
    metrics.countCacheLookup("hit");
    return { body: cached.tail, ran: null };
  }
  metrics.countCacheLookup("miss");
  const result = await withEngineProblems(request, engine.vietorisRips(input, request.options, call));
  const bars = resultBars(result, request.options.representatives);
  const stored: StoredResult = storedResult(await offload.render(bars), result, request, engine);
  await results?.keepResult(job.projectId, key, stored);
  const { statistics } = result;
  const dimension = request.options.maxDimension;
  metrics.observeComputation({ algorithm: job.algorithm, dimension, seconds: statistics.computeMs / 1000 });
  return { body: stored.tail, ran: ranBy(engine, { ...statistics }) };
}

async function executeCircular(
  { engine, metrics }: ExecutionDependencies,
  job: LeasedJob,
  input: EngineInput,
  call: ExecutionCall,
): Promise<Execution> {
  const parameters = job.parameters as ResolvedCircularRequest["parameters"];
  const options = circularOptions(parameters);
  const result = await withEngineProblems({ input, parameters }, engine.circularCoordinates(input, options, call));
  metrics.observeComputation({ algorithm: job.algorithm, dimension: 1, seconds: result.statistics.computeMs / 1000 });
  const request = { parameters, diagram: { inputSha256: job.inputSha256 } };
  const {
    id: _id,
    algorithm: _algorithm,
    parameters: _parameters,
    ...rest
  } = circularBody("", result, request, engine);
  return { body: Buffer.from(JSON.stringify(rest).slice(1)), ran: ranBy(engine, { ...result.statistics }) };
}

export function ranBy(
  engine: Pick<Engine, "kind" | "version">,
  statistics: RanComputation["statistics"],
): RanComputation {
  return { statistics, engine: engine.kind, engineVersion: engine.version };
}
