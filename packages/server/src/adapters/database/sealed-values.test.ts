import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { cloud, ended, ripsJob, submit } from "../../../test/support/jobs.ts";
import { TestBed } from "../../../test/support/test-bed.ts";
import { Keyring } from "../../domain/storage/keyring.ts";
import { valueSealer } from "../../domain/storage/value-sealer.ts";
import { renewSealedValues } from "./sealed-value-renewal.ts";

let bed: TestBed;
beforeAll(async () => {
  bed = await TestBed.open();
});
afterAll(() => bed.end());

async function finished(): Promise<{ id: string; result: () => Promise<Response> }> {
  const server = await bed.server();
  const worker = bed.worker();
  const { job_id: id } = await submit(server, ripsJob(cloud()));
  await ended(server, id);
  await worker.stop();
  return { id, result: () => server.get(`/v1/jobs/${id}/result`) };
}

interface Stored {
  readonly body: Buffer;
  readonly master_key_id: string;
}
const stored = async (id: string) =>
  (await bed.rows<Stored>("select body, master_key_id from tda.job_results where job_id = $1", [id]))[0]!;

it("results and inputs of jobs are not readable in the tables", async () => {
  const { id, result } = await finished();
  expect(await (await result()).text()).toContain('"diagrams"');
  expect((await stored(id)).body.includes("diagrams")).toBe(false);
  const server = await bed.server();
  const { job_id: waiting } = await submit(server, ripsJob({ points: [[1234.5, 1234.5]] }));
  const [input] = await bed.rows<Stored>("select body from tda.job_inputs where job_id = $1", [waiting]);
  const number = Buffer.from(Float64Array.of(1234.5).buffer);
  expect(input!.body.includes(number)).toBe(false);
});

it("a result in another's place is not given out", async () => {
  const [one, other] = [await finished(), await finished()];
  await bed.rows("update tda.job_results set body = $2 where job_id = $1", [other.id, (await stored(one.id)).body]);
  const answer = await other.result();
  expect(answer.status).toBeGreaterThanOrEqual(500);
  expect(await answer.text()).not.toContain("diagrams");
  expect((await one.result()).status).toBe(200);
});

it("a new master key takes over what older ones sealed, and what is sealed stays readable", async () => {
  const { id } = await finished();
  const next = { id: "next", secret: randomBytes(32) };
  const pool = bed.systemPool();
  const sealer = valueSealer(new Keyring([next, bed.masterKey]));
  expect(await renewSealedValues(pool, sealer)).toBeGreaterThan(0);
  expect((await stored(id)).master_key_id).toBe("next");
  expect(await renewSealedValues(pool, valueSealer(new Keyring([next])))).toBe(0);
  // Back again, for the servers of the test bed, which know only the first key.
  await renewSealedValues(pool, valueSealer(new Keyring([bed.masterKey, next])));
  await pool.end();
  const server = await bed.server();
  expect((await server.get(`/v1/jobs/${id}/result`)).status).toBe(200);
});
