import { randomBytes } from "node:crypto";
import type { Job } from "@tda-platform/contract/jobs";
import { EngineError, type EngineErrorCode } from "@tda-platform/engine/errors";
import type { Engine } from "@tda-platform/engine/types";
import { createTypeScriptEngine } from "@tda-platform/engine/typescript/index";
import { expect } from "vitest";
import { type TestServer, until } from "./test-bed.ts";

const random = (): number => randomBytes(4).readUInt32LE() / 2 ** 32;

/** Points that no other test has. */
export function cloud(count = 8): { points: number[][] } {
  return { points: Array.from({ length: count }, () => [random(), random(), random()]) };
}

/** Seconds of work for the TypeScript engine: random distances, which no metric has. */
export function slowInput(points = 80): object {
  const distances = Array.from({ length: points }, (_, i) => Array.from({ length: i }, random));
  return { distances, threshold: 2, max_dimension: 2 };
}

export const ripsJob = (input: object, more: object = {}) => ({ algorithm: "vietoris-rips", input, ...more });

export async function submit(server: TestServer, body: unknown, headers: Record<string, string> = {}): Promise<Job> {
  const answer = await server.post(body, headers, "/v1/jobs/compute");
  expect(answer.status, await answer.clone().text()).toBe(202);
  return (await answer.json()) as Job;
}

export async function read(server: TestServer, id: string, headers: Record<string, string> = {}): Promise<Job> {
  const answer = await server.get(`/v1/jobs/${id}`, headers);
  expect(answer.status).toBe(200);
  return (await answer.json()) as Job;
}

export async function ended(server: TestServer, id: string, headers: Record<string, string> = {}): Promise<Job> {
  return await until(async () => {
    const job = await read(server, id, headers);
    return job.finished_at !== null && job;
  });
}

export async function running(server: TestServer, id: string): Promise<Job> {
  return await until(async () => {
    const job = await read(server, id);
    return job.status === "running" && job;
  });
}

/** An engine whose first computations fail as told. */
export function failingEngine(code: EngineErrorCode, times: number): Engine {
  const engine = createTypeScriptEngine();
  let left = times;
  return {
    ...engine,
    vietorisRips: async (...call: Parameters<Engine["vietorisRips"]>) => {
      if (left-- > 0) throw new EngineError(code, "as the test says");
      return await engine.vietorisRips(...call);
    },
  };
}

/** An engine that counts its computations. */
export function countingEngine(): { readonly engine: Engine; computations: number } {
  const engine = createTypeScriptEngine();
  const counting = {
    computations: 0,
    engine: {
      ...engine,
      vietorisRips: async (...call: Parameters<Engine["vietorisRips"]>) => {
        counting.computations++;
        return await engine.vietorisRips(...call);
      },
    },
  };
  return counting;
}
