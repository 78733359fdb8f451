import type { AvroRecord } from "@tda-platform/contract/events/avro";
import { JOB_EVENT } from "@tda-platform/contract/events/job-event";
import { TOPICS } from "@tda-platform/contract/events/topics";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { TestBed } from "../../../../test/support/test-bed.ts";
import { encodeAfter } from "../../../domain/log/avro.ts";
import { UndecodableRecord } from "../../../domain/log/event-log.ts";
import { RegistryCodec } from "../../../domain/log/registry-codec.ts";
import { IncompatibleSchema, type SchemaRegistry } from "../../../domain/log/schema-registry.ts";
import { jobEvent, pointsOf } from "../../../domain/log/testing/values.ts";
import { silent } from "../testing/records.ts";

let bed: TestBed;
let registry: SchemaRegistry;
beforeAll(async () => {
  bed = await TestBed.open();
  registry = bed.database.schemas;
});
afterAll(() => bed.end());

/** As a later release might write it. */
const wider: AvroRecord = { ...JOB_EVENT, fields: [...JOB_EVENT.fields, { name: "more", type: "int", default: 0 }] };

function wire(id: number, schema: AvroRecord, value: object): Uint8Array {
  const bytes = encodeAfter(5, schema, value);
  bytes.writeInt32BE(id, 1);
  return bytes;
}

describe("schemas in a table", () => {
  it("have one identifier each, however many register them at once", async () => {
    const ids = await Promise.all(Array.from({ length: 5 }, () => registry.register("a-value", JOB_EVENT)));
    expect(new Set(ids).size).toBe(1);
    const next = await registry.register("a-value", wider);
    expect(await registry.register("a-value", JOB_EVENT)).toBe(ids[0]);
    expect((await registry.versions("a-value")).map(({ id, version }) => [id, version])).toEqual([
      [ids[0], 1],
      [next, 2],
    ]);
    expect(await registry.find(next)).toEqual(wider);
    expect(await registry.find(999_999)).toBeNull();
  });

  it("come in only when they read all earlier ones", async () => {
    const broken = { ...JOB_EVENT, fields: [...JOB_EVENT.fields, { name: "must", type: "int" }] } as AvroRecord;
    await expect(registry.register("a-value", broken)).rejects.toThrow("JobEvent.must is new and has no default");
    await expect(registry.register("a-value", broken)).rejects.toThrow(IncompatibleSchema);
  });
});

describe("the codec", () => {
  let codec: RegistryCodec;
  beforeAll(async () => {
    codec = new RegistryCodec({ registry, prefix: "tda_", logger: silent });
    await codec.ready();
  });
  afterAll(() => codec.close());

  it("writes the wire format, and reads it without asking", async () => {
    const bytes = codec.encode("events", pointsOf());
    const [{ id }] = (await registry.versions("tda_events-value")) as unknown as [{ readonly id: number }];
    expect([bytes[0], new DataView(bytes.buffer).getInt32(1)]).toEqual([0, id]);
    const value = codec.decode("events", bytes);
    expect(value).not.toBeInstanceOf(Promise);
    expect(await value).toMatchObject({ key: "sensor-1", points: [{ t: -5 }] });
  });

  it("reads what another release wrote, with more fields or with fewer", async () => {
    const id = await registry.register("tda_jobs-value", wider);
    const read = await codec.decode("jobs", wire(id, wider, { ...jobEvent({ version: 9 }), more: 1 }));
    expect(read).toEqual(jobEvent({ version: 9 }));
    const fewer = { ...TOPICS.computations.schema, fields: TOPICS.computations.schema.fields.slice(0, -1) };
    const other = await registry.register("elsewhere-value", fewer as AvroRecord);
    const { seconds } = { seconds: 1 };
    const value = {
      project_id: "p",
      computation_id: "c",
      algorithm: "a",
      status: "s",
      error: null,
      engine: "e",
      engine_version: "1",
      seconds,
    };
    // Its `time` has no default: such a schema never gets into the topic's own subject.
    await expect(async () => codec.decode("computations", wire(other, fewer as AvroRecord, value))).rejects.toThrow(
      UndecodableRecord,
    );
  });

  it.each([
    ["nothing", Buffer.alloc(0)],
    ["a header alone", Buffer.alloc(5)],
    ["another format", Buffer.from('{"a":1}')],
    ["an unknown schema", wire(123_456, JOB_EVENT, jobEvent())],
    ["a cut end", wire(1, JOB_EVENT, jobEvent()).subarray(0, -3)],
  ])("does not read %s", async (_name, bytes) => {
    await expect(async () => codec.decode("jobs", bytes)).rejects.toThrow(UndecodableRecord);
  });

  it("does not read another topic's values", async () => {
    await expect(async () => codec.decode("jobs", codec.encode("events", pointsOf()))).rejects.toThrow(
      UndecodableRecord,
    );
  });

  it("cannot write before its schemas are registered, and says so", async () => {
    const gone: SchemaRegistry = {
      ...registry,
      kind: "embedded",
      register: () => Promise.reject(new Error("away")),
      find: (id) => registry.find(id),
      versions: (subject) => registry.versions(subject),
    };
    const waiting = new RegistryCodec({ registry: gone, prefix: "tda_", logger: silent });
    expect(() => waiting.encode("jobs", jobEvent())).toThrow("registry");
    expect(waiting.isReady).toBe(false);
    await waiting.close();
  });
});
