import { get } from "node:http";
import { JOB_EVENT_SCHEMA } from "@tda-platform/contract/jobs";
import { Ajv2020 } from "ajv/dist/2020.js";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { cloud, ended, ripsJob, running, slowInput, submit } from "../../test/support/jobs.ts";
import { TestBed, type TestServer, until } from "../../test/support/test-bed.ts";

const isEvent = new Ajv2020({ strict: false, validateFormats: false }).compile(JOB_EVENT_SCHEMA);
let bed: TestBed;

beforeAll(async () => {
  bed = await TestBed.open();
});
afterEach(() => bed.endServers());
afterAll(() => bed.end());

interface Event {
  readonly id: string;
  readonly event: string;
  readonly data: Record<string, unknown>;
}

/** The events of a stream as they come, and whether it has ended. */
function follow(server: TestServer, path: string, headers: Record<string, string> = {}) {
  const stream = { status: 0, type: "", events: [] as Event[], isOver: false, leave: () => undefined as unknown };
  let text = "";
  const request = get(server.url + path, { headers, agent: false }, (answer) => {
    stream.status = answer.statusCode!;
    stream.type = answer.headers["content-type"] ?? "";
    answer.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
      const blocks = text.split("\n\n");
      text = blocks.pop()!;
      for (const block of blocks) {
        const fields = Object.fromEntries(block.split("\n").map((line) => line.split(/: (.*)/s)));
        if (fields.id !== undefined) stream.events.push({ ...fields, data: JSON.parse(fields.data) } as Event);
      }
    });
    answer.on("close", () => {
      stream.isOver = true;
    });
  });
  request.on("error", () => {
    stream.isOver = true;
  });
  stream.leave = () => request.destroy();
  return stream;
}

const types = (events: readonly Event[]) => events.map(({ event }) => event);

describe("the events of a job", () => {
  it("are written to the log in the trace of the request that submitted it", async () => {
    const server = await bed.server();
    const traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    const headers = { "content-type": "application/json", traceparent };
    const answer = await server.post(ripsJob(cloud()), headers, "/v1/jobs/compute");
    const { job_id } = (await answer.json()) as { job_id: string };
    await server.post("", { traceparent: "another" }, `/v1/jobs/${job_id}/cancel`);
    const written = await bed.rows(
      "select type, traceparent from tda.outbox where aggregate_id = $1 order by version",
      [job_id],
    );
    expect(written).toEqual([
      { type: "job.submitted", traceparent },
      { type: "job.cancelled", traceparent },
    ]);
  });

  it("come as they happen, and end with the job", async () => {
    const server = await bed.server();
    const { job_id } = await submit(server, ripsJob(cloud()));
    const stream = follow(server, `/v1/jobs/${job_id}/events`);
    await until(() => stream.events.length > 0);
    expect([stream.status, stream.type, types(stream.events)]).toEqual([200, "text/event-stream", ["job.submitted"]]);
    expect(stream.isOver).toBe(false);
    bed.worker();
    await until(() => stream.isOver);
    expect(types(stream.events)).toEqual(["job.submitted", "job.started", "job.completed"]);
    expect(stream.events.map(({ id }) => id)).toEqual(["1", "2", "3"]);
    for (const { data } of stream.events) if (!isEvent(data)) expect.fail(JSON.stringify(isEvent.errors));
    expect(stream.events[2]!.data).toMatchObject({ job_id, status: "succeeded", progress: 1, attempt: 1 });
  });

  it("are given again after the one that was seen last", async () => {
    const server = await bed.server();
    bed.worker();
    const { job_id } = await submit(server, ripsJob(cloud()));
    await ended(server, job_id);
    const path = `/v1/jobs/${job_id}/events`;
    const again = follow(server, path, { "last-event-id": "1" });
    await until(() => again.isOver);
    expect(again.events.map(({ id }) => id)).toEqual(["2", "3"]);
    const over = follow(server, path, { "last-event-id": "3" });
    await until(() => over.isOver);
    expect([over.status, over.events]).toEqual([204, []]);
    expect((await server.get(path, { "last-event-id": "x" })).status).toBe(422);
    expect((await server.get(`${path}?from=1`)).status).toBe(422);
  });

  it("tell progress, which never falls, and the cancelling", async () => {
    const server = await bed.server();
    bed.worker();
    const { job_id } = await submit(server, ripsJob(slowInput(130)));
    const stream = follow(server, `/v1/jobs/${job_id}/events`);
    await running(server, job_id);
    await until(() => stream.events.filter(({ event }) => event === "job.progress").length >= 1);
    await fetch(`${server.url}/v1/jobs/${job_id}/cancel`, { method: "POST" });
    await until(() => stream.isOver);
    const progress = stream.events.map(({ data }) => data.progress as number);
    expect(progress).toEqual([...progress].sort((a, b) => a - b));
    expect(progress.at(-1)).toBeGreaterThan(0);
    expect(stream.events.at(-1)!.event).toBe("job.cancelled");
    expect(stream.events.some(({ data }) => data.stage !== null)).toBe(true);
  });

  it("come also when nobody tells of them", async () => {
    const silence = { onQueued: () => undefined, onCancelled: () => undefined, onEvents: () => undefined };
    const server = await bed.server({ jobSignals: silence });
    const { job_id } = await submit(server, ripsJob(cloud()));
    const stream = follow(server, `/v1/jobs/${job_id}/events`);
    await until(() => stream.events.length > 0);
    bed.worker();
    await until(() => stream.isOver);
    expect(types(stream.events)).toEqual(["job.submitted", "job.started", "job.completed"]);
  });

  it("end when the server does, and leave nothing behind when the client does", async () => {
    const server = await bed.server();
    const { job_id } = await submit(server, ripsJob(cloud()));
    const path = `/v1/jobs/${job_id}/events`;
    const left = follow(server, path);
    const stayed = follow(server, path);
    await until(() => left.events.length > 0 && stayed.events.length > 0);
    left.leave();
    await server.http.close();
    await until(() => stayed.isOver);
  });

  it("need a ticket where there is no header, which is good once and for its path", async () => {
    const server = await bed.server({ env: { FEATURE_ENABLE_AUTHENTICATION: "true" } });
    const key = { "x-api-key": server.apiKey };
    const ticketFor = async (body: object) =>
      ((await (await server.post(body, key, "/v1/tickets")).json()) as { ticket: string }).ticket;
    const { job_id } = await submit(server, ripsJob(cloud()), key);
    const path = `/v1/jobs/${job_id}/events`;
    expect((await server.get(path)).status).toBe(401);
    expect((await server.get(`${path}?ticket=guess`)).status).toBe(401);
    const first = await ticketFor({ job_id });
    const stream = follow(server, `${path}?ticket=${first}`);
    await until(() => stream.events.length > 0);
    expect((await server.get(`${path}?ticket=${first}`)).status).toBe(401);
    // Nothing else is opened by a ticket.
    const second = await ticketFor({ path });
    expect((await server.get(`/v1/jobs/${job_id}?ticket=${second}`)).status).toBe(401);
    const elsewhere = await ticketFor({ path: `${path}x` });
    expect((await server.get(`${path}?ticket=${elsewhere}`)).status).toBe(401);
    stream.leave();
  });
});
