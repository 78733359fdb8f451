import { isAscii, isUtf8 } from "node:buffer";
import { MAX_JSON_DEPTH } from "@tda-platform/contract/limits";
import { ProblemError } from "../problem.ts";

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/**
 * Parses a JSON body. Depth is checked on the bytes before anything is parsed, so that no input can exhaust the stack.
 * @throws ProblemError `invalid_json` or `json_too_deep`.
 */
export function parseJsonBody(bytes: Buffer): unknown {
  const start = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  const content = start === 0 ? bytes : bytes.subarray(start);
  if (content.length === 0) throw new ProblemError("invalid_json", "The body is empty.");
  if (exceedsDepth(content, MAX_JSON_DEPTH)) {
    throw new ProblemError("json_too_deep", `The body is nested deeper than ${MAX_JSON_DEPTH} levels.`);
  }
  const isPlain = isAscii(content);
  if (!isPlain && !isUtf8(content)) throw new ProblemError("invalid_json", "The body is not valid UTF-8.");
  try {
    return JSON.parse(content.toString(isPlain ? "latin1" : "utf8"));
  } catch (error) {
    throw new ProblemError("invalid_json", syntaxDetail(error), { cause: error });
  }
}

/** Whether brackets outside strings nest deeper than the limit. One pass, no allocation; syntax is not checked. */
export function exceedsDepth(bytes: Uint8Array, limit: number): boolean {
  let depth = 0;
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i]!;
    if (byte === OPEN_ARRAY || byte === OPEN_OBJECT) {
      if (++depth > limit) return true;
    } else if (byte === CLOSE_ARRAY || byte === CLOSE_OBJECT) {
      depth--;
    } else if (byte === QUOTE) {
      i = endOfString(bytes, i);
    }
  }
  return false;
}

function endOfString(bytes: Uint8Array, start: number): number {
  let i = start + 1;
  while (i < bytes.length && bytes[i] !== QUOTE) i += bytes[i] === BACKSLASH ? 2 : 1;
  return i;
}

/** The parser's own words, without the excerpt of the body that some of its messages carry. */
function syntaxDetail(error: unknown): string {
  const position = error instanceof Error ? /at position (\d+)/.exec(error.message)?.[1] : undefined;
  return position === undefined
    ? "The body is not complete JSON."
    : `The body is not JSON: the character at position ${position} was not expected.`;
}
