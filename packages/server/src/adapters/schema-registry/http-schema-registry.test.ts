import type { AvroRecord } from "@tda-platform/contract/events/avro";
import { JOB_EVENT } from "@tda-platform/contract/events/job-event";
import { type Services, startServices } from "@tda-platform/services";
import { afterAll, beforeAll, expect, it } from "vitest";
import { DependencyUnavailable } from "../../domain/errors.ts";
import { encodeAfter } from "../../domain/log/avro.ts";
import { UndecodableRecord } from "../../domain/log/event-log.ts";
import { RegistryCodec } from "../../domain/log/registry-codec.ts";
import { IncompatibleSchema } from "../../domain/log/schema-registry.ts";
import { jobEvent, pointsOf } from "../../domain/log/testing/values.ts";
import { silent } from "../database/testing/records.ts";
import { HttpSchemaRegistry } from "./http-schema-registry.ts";

let services: Services<{ registry: true }>;
let registry: HttpSchemaRegistry;
beforeAll(async () => {
  services = await startServices({ registry: true });
  registry = new HttpSchemaRegistry({ url: services.registry.url, timeoutMs: 3_000 });
}, 240_000);
afterAll(() => services?.stop());

const wider: AvroRecord = { ...JOB_EVENT, fields: [...JOB_EVENT.fields, { name: "more", type: "int", default: 0 }] };
const broken = { ...JOB_EVENT, fields: [...JOB_EVENT.fields, { name: "must", type: "int" }] } as AvroRecord;

it("keeps schemas by subject and identifier, each once", async () => {
  const id = await registry.register("a-value", JOB_EVENT);
  expect(await registry.register("a-value", JOB_EVENT)).toBe(id);
  const next = await registry.register("a-value", wider);
  expect(next).not.toBe(id);
  expect(await registry.register("a-value", JOB_EVENT)).toBe(id);
  expect((await registry.versions("a-value")).map(({ id: each, version }) => [each, version])).toEqual([
    [id, 1],
    [next, 2],
  ]);
  expect(await registry.find(next)).toEqual(wider);
  expect(await registry.find(999_999)).toBeNull();
  expect(await registry.versions("nobody-value")).toEqual([]);
});

it("has its registry refuse what does not read all earlier versions", async () => {
  await expect(registry.register("a-value", broken)).rejects.toThrow(IncompatibleSchema);
});

it("serves the codec: what is written is read, also of another release, and while it is away what is known", async () => {
  const codec = new RegistryCodec({ registry, prefix: "tda_", logger: silent });
  await codec.ready();
  const bytes = codec.encode("events", pointsOf());
  const id = await registry.register("tda_jobs-value", wider);
  const newer = encodeAfter(5, wider, { ...jobEvent(), more: 1 });
  newer.writeInt32BE(id, 1);
  const unknown = Buffer.from(newer);
  unknown.writeInt32BE(777_777, 1);
  await expect(async () => codec.decode("jobs", unknown)).rejects.toThrow(UndecodableRecord);
  const fresh = new RegistryCodec({ registry, prefix: "tda_", logger: silent });
  await fresh.ready();
  expect(await fresh.decode("jobs", newer)).toEqual(jobEvent());
  await services.registry.kill();
  expect(await codec.decode("events", bytes)).toMatchObject({ key: "sensor-1" });
  expect(await fresh.decode("jobs", newer)).toEqual(jobEvent());
  await expect(codec.decode("jobs", newer)).rejects.toThrow(DependencyUnavailable);
  const late = new RegistryCodec({ registry, prefix: "tda_", logger: silent });
  expect(() => late.encode("events", pointsOf())).toThrow(DependencyUnavailable);
  await services.registry.restart();
  // It goes on trying.
  await late.ready();
  expect(await late.decode("events", late.encode("events", pointsOf()))).toMatchObject({ key: "sensor-1" });
  for (const each of [codec, fresh, late]) await each.close();
}, 120_000);
