import { createHash, type Hash } from "node:crypto";
import { parentPort } from "node:worker_threads";
import { ProblemError, toPlainProblem } from "../../problem.ts";
import { createInspector, inspectStored } from "../formats/formats.ts";
import type { Inspector } from "../formats/inspector.ts";
import type { InspectionAnswer, InspectionRequest } from "./messages.ts";

/** Entry of the inspecting threads. Sessions take turns piece by piece, so that no upload holds up the others for long. */

interface Session {
  readonly inspector: Inspector;
  readonly hash: Hash;
}

const sessions = new Map<number, Session>();
/** Who waits for a part of its stored content. */
const readers = new Map<number, (bytes: Uint8Array) => void>();

function answer(message: InspectionAnswer, transfer: ArrayBuffer[] = []): void {
  parentPort?.postMessage(message, transfer);
}

/** Problems of the content are answers; anything else is a defect and ends the thread. */
function guarded(session: number, work: () => void): void {
  try {
    work();
  } catch (error) {
    refuse(session, error);
  }
}

function refuse(session: number, error: unknown): void {
  if (!(error instanceof ProblemError)) throw error;
  sessions.delete(session);
  answer({ kind: "problem", session, problem: toPlainProblem(error) });
}

function take({ inspector, hash }: Session, bytes: Uint8Array): void {
  const piece = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  hash.update(piece);
  inspector.push(piece);
}

async function inspectOne(request: Extract<InspectionRequest, { kind: "stored" }>): Promise<void> {
  const { session, format, rows, length } = request;
  const read = (start: number, end: number): Promise<Uint8Array> =>
    new Promise((resolve) => {
      readers.set(session, resolve);
      answer({ kind: "read", session, start, end });
    });
  try {
    answer({ kind: "done", session, shape: await inspectStored(format, rows, length, read), sha256: "" });
  } catch (error) {
    refuse(session, error);
  }
}

parentPort?.on("message", (request: InspectionRequest) => {
  const { session } = request;
  const open = sessions.get(session);
  switch (request.kind) {
    case "open":
      guarded(session, () => {
        sessions.set(session, { inspector: createInspector(request.format, request.rows), hash: createHash("sha256") });
      });
      break;
    case "piece":
      if (open === undefined) break;
      guarded(session, () => {
        take(open, request.bytes);
        const { bytes } = request;
        answer({ kind: "next", session, bytes }, [bytes.buffer as ArrayBuffer]);
      });
      break;
    case "finish":
      if (open === undefined) break;
      sessions.delete(session);
      guarded(session, () => {
        answer({ kind: "done", session, shape: open.inspector.finish(), sha256: open.hash.digest("hex") });
      });
      break;
    case "close":
      sessions.delete(session);
      break;
    case "stored":
      void inspectOne(request);
      break;
    case "range":
      readers.get(session)?.(request.bytes);
      break;
  }
});
