import { isUtf8 } from "node:buffer";
import { setImmediate as nextTurn } from "node:timers/promises";
import { INLINE_PARSE_BYTES, MAX_JSON_DEPTH } from "@tda-platform/contract/limits";
import { STREAM_POINTS_SCHEMA } from "@tda-platform/contract/streams";
import { exceedsDepth, parseJsonBody } from "../input/json-body.ts";
import { compileSchema, refuseFindings } from "../input/schema-validation.ts";
import { ProblemError } from "../problem.ts";
import type { PointBatch } from "./point-batch.ts";

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const LINE_FEED = 0x0a;
const OPEN = new Set([0x5b, 0x7b]);
const CLOSE = new Set([0x5d, 0x7d]);
/** So much is parsed at a time; then others get their turn. */
const SLICE_BYTES = 262_144;
/** The longest line of NDJSON: a point of the highest dimension with every digit. */
const MAX_LINE_BYTES = 1_048_576;

/** The points of a body are judged one by one; only the envelope is held to the schema. */
const findEnvelopeErrors = compileSchema({
  ...STREAM_POINTS_SCHEMA,
  properties: { points: { type: "array" } },
});
const ENVELOPE_START = /^\s*\{\s*"points"\s*:\s*\[/;
const ENVELOPE_END = /^\s*\]\s*\}\s*$/;

/** Reads `{ "points": [...] }`. A large body is read in slices. @throws ProblemError */
export async function readJsonPoints(bytes: Buffer, batch: PointBatch): Promise<void> {
  if (bytes.length > INLINE_PARSE_BYTES && (await readInSlices(bytes, batch))) return;
  const body = parseJsonBody(bytes);
  refuseFindings(findEnvelopeErrors(body));
  for (const point of (body as { points: unknown[] }).points) batch.add(point);
}

/** Whether the body has the usual form; otherwise nothing was added. */
async function readInSlices(bytes: Buffer, batch: PointBatch): Promise<boolean> {
  const start = ENVELOPE_START.exec(bytes.toString("latin1", 0, 1_024))?.[0].length;
  if (start === undefined) return false;
  const slices: Buffer[] = [];
  const end = sliceElements(bytes, start, slices);
  if (end === null || bytes.length - end > 1_024 || !ENVELOPE_END.test(bytes.toString("latin1", end))) return false;
  const parsed: unknown[][] = [];
  for (const slice of slices) {
    const elements = parseElements(slice);
    if (elements === null) return false;
    parsed.push(elements);
    await nextTurn();
  }
  for (const elements of parsed) for (const element of elements) batch.add(element);
  return true;
}

/** Cuts the elements of an array into slices at commas between them; the place of its end. */
function sliceElements(bytes: Buffer, start: number, slices: Buffer[]): number | null {
  let depth = 0;
  let from = start;
  for (let i = start; i < bytes.length; i++) {
    const byte = bytes[i]!;
    if (byte === QUOTE) {
      i++;
      while (i < bytes.length && bytes[i] !== QUOTE) i += bytes[i] === BACKSLASH ? 2 : 1;
    } else if (OPEN.has(byte)) {
      if (++depth > MAX_JSON_DEPTH) return null;
    } else if (CLOSE.has(byte) && --depth < 0) {
      slices.push(bytes.subarray(from, i));
      return i;
    } else if (byte === COMMA && depth === 0 && i - from >= SLICE_BYTES) {
      slices.push(bytes.subarray(from, i));
      from = i + 1;
    }
  }
  return null;
}

function parseElements(slice: Buffer): unknown[] | null {
  if (!isUtf8(slice)) return null;
  try {
    return JSON.parse(`[${slice.toString()}]`) as unknown[];
  } catch {
    return null;
  }
}

/** Reads one point a line, as the body arrives. A line that is no JSON is a rejected point. @throws ProblemError */
export async function readLines(body: AsyncIterable<Buffer>, batch: PointBatch, limitBytes: number): Promise<void> {
  let rest: Buffer | null = null;
  let received = 0;
  for await (const chunk of body) {
    received += chunk.length;
    if (received > limitBytes) throw new ProblemError("body_too_large", `The body has more than ${limitBytes} bytes.`);
    let bytes: Buffer = rest === null ? chunk : Buffer.concat([rest, chunk]);
    for (let turn = 0, end = bytes.indexOf(LINE_FEED); end !== -1; end = bytes.indexOf(LINE_FEED)) {
      addLine(bytes.subarray(0, end), batch);
      turn += end;
      bytes = bytes.subarray(end + 1);
      if (turn < SLICE_BYTES) continue;
      turn = 0;
      await nextTurn();
    }
    if (bytes.length > MAX_LINE_BYTES) {
      throw new ProblemError("body_too_large", `A line has more than ${MAX_LINE_BYTES} bytes.`);
    }
    rest = bytes.length === 0 ? null : bytes;
  }
  if (rest !== null) addLine(rest, batch);
}

function addLine(line: Buffer, batch: PointBatch): void {
  const text = line.toString();
  if (text.trim() === "") return;
  let point: unknown;
  try {
    if (exceedsDepth(line, MAX_JSON_DEPTH) || !isUtf8(line)) throw new SyntaxError();
    point = JSON.parse(text);
  } catch {
    batch.reject("The line is not JSON.");
    return;
  }
  batch.add(point);
}
