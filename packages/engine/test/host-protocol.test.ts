import { readFileSync } from "node:fs";
import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { FRAME_HEADER_BYTES, FRAME_TYPES, REQUEST_HEAD_BYTES } from "../src/frame-layout.ts";
import { cancelFrame, requestFrame } from "../src/frame-writer.ts";
import { readError, readHello } from "../src/host-messages.ts";
import type { EngineInput, VietorisRipsOptions } from "../src/types.ts";
import { defaults, longInput, longOptions, sparse, unitSquare } from "./support/inputs.ts";
import { isAlive, until } from "./support/processes.ts";
import { type FrameFields, frame, RawHost } from "./support/raw-host.ts";

const PROTOCOL_EXIT = 65;
const hosts: RawHost[] = [];

function start(...options: string[]): RawHost {
  const host = new RawHost(options);
  hosts.push(host);
  return host;
}

afterEach(async () => {
  await Promise.all(hosts.splice(0).map((host) => host.end()));
});

function request(input: EngineInput, options: VietorisRipsOptions, requestId = 1): Uint8Array {
  return new Uint8Array(Buffer.concat(requestFrame(requestId, "vietorisRips", input, options)));
}

/** A valid request with one field of its head changed. */
function changedRequest(change: (head: DataView) => void, input: EngineInput = unitSquare): Uint8Array {
  const bytes = request(input, defaults);
  change(new DataView(bytes.buffer, bytes.byteOffset + FRAME_HEADER_BYTES));
  return bytes;
}

async function errorCodeAfter(host: RawHost, bytes: Uint8Array): Promise<number> {
  host.write(bytes);
  const view = await host.nextOf(FRAME_TYPES.error);
  return view.getUint32(0, true);
}

describe("a host", () => {
  it("says hello first, with its process, versions and limits", async () => {
    const host = start("--memory-limit-bytes", "123456789", "--max-payload-bytes", "4096");
    const first = await host.next();
    expect(first?.type).toBe(FRAME_TYPES.hello);
    expect(readHello(first?.payload ?? new ArrayBuffer(0))).toMatchObject({
      processId: host.child.pid,
      maxPayloadBytes: 4096,
      memoryLimitBytes: 123456789,
      maxDimension: 16,
      engineVersion: expect.stringMatching(/^\d+\.\d+\.\d+/),
      simdTarget: expect.stringMatching(/^[a-z0-9]+$/),
    });
  });

  it("exits by itself when its stdin ends, idle or computing", async () => {
    const idle = start();
    await idle.next();
    idle.child.stdin.end();
    expect(await idle.ended).toEqual({ code: 0, signal: null });

    const busy = start();
    busy.write(request(longInput, longOptions));
    await busy.nextOf(FRAME_TYPES.progress);
    busy.child.stdin.end();
    expect(await busy.ended).toEqual({ code: 0, signal: null });
  });

  it("answers pings while it computes, and says what it computes", async () => {
    const host = start();
    host.write(frame({ type: FRAME_TYPES.ping, requestId: 5n }));
    expect((await host.nextOf(FRAME_TYPES.pong)).getBigUint64(0, true)).toBe(0n);
    host.write(request(longInput, longOptions, 77));
    host.write(frame({ type: FRAME_TYPES.ping, requestId: 6n }));
    const pong = await host.nextOf(FRAME_TYPES.pong);
    expect(pong.getBigUint64(0, true)).toBe(77n);
    expect(pong.getBigUint64(8, true)).toBeGreaterThan(0n);
  });

  it("cancels what it computes and takes the next request", async () => {
    const host = start();
    host.write(request(longInput, longOptions, 3));
    await host.nextOf(FRAME_TYPES.progress);
    host.write(cancelFrame(3));
    expect((await host.nextOf(FRAME_TYPES.error)).getUint32(0, true)).toBe(400);
    host.write(request(unitSquare, defaults, 4));
    expect((await host.nextOf(FRAME_TYPES.result)).getUint32(0, true)).toBe(2);
  });

  it("takes a cancel for a request that is over as late, not as wrong", async () => {
    const host = start();
    host.write(request(unitSquare, defaults, 1));
    await host.nextOf(FRAME_TYPES.result);
    host.write(cancelFrame(1));
    host.write(request(unitSquare, defaults, 2));
    expect((await host.nextOf(FRAME_TYPES.result)).getUint32(0, true)).toBe(2);
  });

  it("refuses an input above its memory limit before it has read it, and lives on", async () => {
    const host = start("--memory-limit-bytes", "1000");
    expect(await errorCodeAfter(host, request(longInput, longOptions))).toBe(300);
    expect(await errorCodeAfter(host, request(unitSquare, { ...defaults, coefficientField: 4 }))).toBe(201);
  });

  it.runIf(process.platform === "linux")(
    "answers when the system has no memory for the input, and lives on",
    async () => {
      const host = start("--address-space-bytes", String(512 * 2 ** 20));
      const bytes = 600 * 2 ** 20;
      host.write(frame({ type: FRAME_TYPES.request, payloadBytes: BigInt(bytes) }));
      const zeros = new Uint8Array(2 ** 20);
      for (let written = 0; written < bytes; written += zeros.length) host.write(zeros);
      expect((await host.nextOf(FRAME_TYPES.error)).getUint32(0, true)).toBe(302);
      host.write(request(unitSquare, defaults, 2));
      expect((await host.nextOf(FRAME_TYPES.result)).getUint32(0, true)).toBe(2);
    },
  );

  it.each([["--memory-limit-bytes"], ["--memory-limit-bytes", "many"], ["--colour", "1"], ["-1"]])(
    "refuses the options %s %s",
    async (...options) => {
      const host = start(...options);
      expect(await host.ended).toEqual({ code: 64, signal: null });
    },
  );
});

describe.runIf(process.platform === "linux")("a host's process", () => {
  it("is first in the out-of-memory killer's order, leads its group and leaves no core dump", async () => {
    const host = start();
    await host.next();
    const read = (file: string) => readFileSync(`/proc/${host.child.pid}/${file}`, "utf8");
    expect(read("oom_score_adj").trim()).toBe("1000");
    expect(read("stat").split(") ")[1]?.split(" ")[2]).toBe(String(host.child.pid));
    expect(read("limits")).toMatch(/Max core file size\s+0\s+0/);
  });

  it("leaves signals to its parent", async () => {
    const host = start();
    await host.next();
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) host.child.kill(signal);
    host.write(frame({ type: FRAME_TYPES.ping }));
    await host.nextOf(FRAME_TYPES.pong);
    expect(isAlive(host.child.pid ?? 0)).toBe(true);
  });

  it("does not start for a parent that is gone", async () => {
    const host = start("--parent-pid", "1");
    expect(await host.ended).toEqual({ code: 71, signal: null });
  });

  it("ends when nobody reads its answers", async () => {
    const host = start();
    await host.next();
    host.child.stdout.destroy();
    await until(() => {
      host.write(frame({ type: FRAME_TYPES.ping }));
      return !isAlive(host.child.pid ?? 0);
    });
    expect((await host.ended).code).toBe(74);
  });
});

describe("a broken frame", () => {
  it.each<[string, FrameFields, number]>([
    ["another magic", { magic: 0x1234_5678 }, 1000],
    ["another version", { version: 2 }, 1001],
    ["a type that does not exist", { type: 99 }, 1002],
    ["a type that only a host sends", { type: FRAME_TYPES.result }, 1002],
    ["a reserved field", { reserved: 1 }, 1003],
    ["a detail", { detail: 1 }, 1003],
    ["a ping with a payload", { payload: new Uint8Array(8) }, 1003],
    ["a cancel of nothing", { type: FRAME_TYPES.cancel, requestId: 0n }, 1003],
    ["a request without id", { type: FRAME_TYPES.request, requestId: 0n, payloadBytes: 256n }, 1003],
    ["a request shorter than its head", { type: FRAME_TYPES.request, payloadBytes: 128n }, 1003],
    ["a request that is not aligned", { type: FRAME_TYPES.request, payloadBytes: 200n }, 1003],
    ["a request above the limit", { type: FRAME_TYPES.request, payloadBytes: 2n ** 40n }, 1004],
    ["a request of all the memory there is", { type: FRAME_TYPES.request, payloadBytes: 2n ** 64n - 64n }, 1004],
  ])("%s is answered with its code, and is the end", async (_name, fields, code) => {
    const host = start();
    expect(await errorCodeAfter(host, frame(fields))).toBe(code);
    expect(await host.ended).toEqual({ code: PROTOCOL_EXIT, signal: null });
  });

  const twoEntries = sparse(3, [
    [0, 1, 1],
    [1, 2, 1],
  ]);
  it.each<[string, Uint8Array]>([
    ["an operation that does not exist", changedRequest((head) => head.setUint32(0, 9, true))],
    ["a head of another length", changedRequest((head) => head.setUint32(4, REQUEST_HEAD_BYTES + 8, true))],
    ["a kind that does not exist", changedRequest((head) => head.setUint32(8, 5, true))],
    ["a scalar that does not exist", changedRequest((head) => head.setUint32(12, 2, true))],
    ["one row more than there is", changedRequest((head) => head.setBigUint64(32, 5n, true))],
    ["rows and columns beyond 64 bits", changedRequest((head) => head.setBigUint64(32, 2n ** 63n, true))],
    ["a reserved field", changedRequest((head) => head.setBigUint64(144, 1n, true))],
    ["the last reserved field", changedRequest((head) => head.setBigUint64(168, 1n, true))],
    ["values within the head", changedRequest((head) => head.setBigUint64(96, 128n, true))],
    ["values that are not aligned", changedRequest((head) => head.setBigUint64(96, 200n, true))],
    ["values beyond the payload", changedRequest((head) => head.setBigUint64(96, 256n, true))],
    ["values at the end of all addresses", changedRequest((head) => head.setBigUint64(96, 2n ** 64n - 64n, true))],
    ["fewer bytes of values than its shape", changedRequest((head) => head.setBigUint64(104, 32n, true))],
    ["indices without being sparse", changedRequest((head) => head.setBigUint64(120, 4n, true))],
    ["fewer indices than entries", changedRequest((head) => head.setBigUint64(120, 4n, true), twoEntries)],
    ["entries beyond 64 bits", changedRequest((head) => head.setBigUint64(48, 2n ** 62n, true), twoEntries)],
  ])("a request with %s is answered with code 1005, and is the end", async (_name, bytes) => {
    const host = start();
    expect(await errorCodeAfter(host, bytes)).toBe(1005);
    expect(await host.ended).toEqual({ code: PROTOCOL_EXIT, signal: null });
  });

  it("a request while another is computed is answered with code 1006, and is the end", async () => {
    const host = start();
    host.write(request(longInput, longOptions, 1));
    expect(await errorCodeAfter(host, request(unitSquare, defaults, 2))).toBe(1006);
    expect(await host.ended).toEqual({ code: PROTOCOL_EXIT, signal: null });
  });

  it.each([1, 31, 32, 100, 255])(
    "a stream that ends after %i bytes of a request is answered with code 1007",
    async (kept) => {
      const host = start();
      host.child.stdin.end(request(unitSquare, defaults).subarray(0, kept));
      expect((await host.nextOf(FRAME_TYPES.error)).getUint32(0, true)).toBe(1007);
      expect(await host.ended).toEqual({ code: PROTOCOL_EXIT, signal: null });
    },
  );

  it("never takes the host down: it answers or ends by itself, whatever the bytes", async () => {
    const valid = request(unitSquare, defaults);
    // Not the high half of the request id: the answer would carry it, and ids beyond 2^53 are not for JavaScript.
    const place = fc.nat({ max: valid.length - 1 }).filter((index) => index < 12 || index >= 16);
    const change = fc.record({ place, value: fc.integer({ min: 0, max: 255 }) });
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 8 }), async (changes) => {
        const bytes = valid.slice();
        for (const { place, value } of changes) bytes[place] = value;
        const host = start();
        host.child.stdin.end(bytes);
        const { code, signal } = await host.ended;
        expect(signal).toBeNull();
        expect([0, PROTOCOL_EXIT]).toContain(code);
      }),
      { numRuns: 100 },
    );
  });

  it("says the place of an error in the input", async () => {
    const host = start();
    const values = new Float64Array([0, 0, 1, Number.NaN]);
    host.write(
      request({ kind: "points", values, rows: 2, columns: 2, metric: "euclidean", minkowskiP: null }, defaults),
    );
    const view = await host.nextOf(FRAME_TYPES.error);
    const { error } = readError(view.buffer as ArrayBuffer);
    expect(error).toMatchObject({ status: 101, row: 1, column: 1, dimension: null });
    expect(error.message.length).toBeGreaterThan(10);
  });
});
