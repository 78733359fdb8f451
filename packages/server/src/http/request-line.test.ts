import fc from "fast-check";
import { expect, test } from "vitest";
import { createLogger } from "../internal/logger.ts";
import { REQUEST_MESSAGE, type RequestFields, requestLine } from "./request-line.ts";

/** The line as the logger itself writes it. */
function logged(fields: RequestFields): string {
  let text = "";
  const stream = {
    write(line: string) {
      text += line;
    },
  } as unknown as NodeJS.WritableStream;
  createLogger({ level: "info", format: "json", stream }).info(fields, REQUEST_MESSAGE);
  return text;
}

const time = /"time":"[^"]+"/;

test("a line is the logger's own, whatever a client sends", () => {
  const text = fc.string({ unit: "binary" });
  const fields = fc.record(
    {
      request_id: text,
      method: text,
      path: text,
      status: fc.nat(599),
      duration_ms: fc.double({ noNaN: true, noDefaultInfinity: true, min: 0 }),
      principal: text,
      trace: fc.boolean(),
    },
    { requiredKeys: ["request_id", "method", "path", "status", "duration_ms"] },
  );
  fc.assert(
    fc.property(fields, ({ trace, ...given }) => {
      const traced = { trace_id: "4bf92f3577b34da6a3ce929d0e0e4736", parent_span_id: "00f067aa0ba902b7" };
      const all: RequestFields = { ...given, ...(trace === true ? traced : {}) };
      expect(requestLine(30, 0, all).replace(time, "")).toBe(logged(all).replace(time, ""));
    }),
  );
});

test("a line has its time in ISO 8601", () => {
  const fields = { request_id: "r", method: "GET", path: "/", status: 200, duration_ms: 1 };
  for (const ms of [0, 1_700_000_000_123, 1_700_000_000_123, 1_700_000_000_124]) {
    expect((JSON.parse(requestLine(30, ms, fields)) as { time: string }).time).toBe(new Date(ms).toISOString());
  }
});
