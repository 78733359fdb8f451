import { STREAM_REJECTION, type StreamRejection } from "@tda-platform/contract/events/stream-rejection";
import { STREAM_RESULT, type StreamResult } from "@tda-platform/contract/events/stream-result";
import { recordKey } from "@tda-platform/contract/events/topics";
import type { Engine } from "@tda-platform/engine/types";
import { encodeAvro } from "../../log/avro.ts";
import {
  type ChangeState,
  decodeChangeState,
  encodeChangeState,
  newChangeState,
  pruneResults,
} from "../evaluation/changes.ts";
import { EngineCalls } from "../evaluation/engine-calls.ts";
import { KeyEvaluation } from "../evaluation/key-evaluation.ts";
import { consume, resume } from "../windows/consume.ts";
import { type KeyState, newKeyState } from "../windows/key-state.ts";
import { decodeKeyState, encodeKeyState } from "../windows/state-codec.ts";
import { DefinitionsOfLog, type StreamLog, toHex } from "./vector.ts";

export interface LogOutput {
  /** Key by key in the order in which keys first occur, in order within each. */
  readonly results: readonly StreamResult[];
  readonly rejected: readonly StreamRejection[];
}

interface RunningKey {
  state: KeyState;
  evaluation: KeyEvaluation;
  readonly output: { readonly results: StreamResult[]; readonly rejected: StreamRejection[] };
}

/**
 * What a log gives, by the state machine and the engine alone: no log and no database.
 * @param reopens After each record everything is saved, and opened again.
 */
export async function runLog(
  engine: Pick<Engine, "vietorisRips" | "computeFeatures">,
  log: StreamLog,
  { reopens = false } = {},
): Promise<LogOutput> {
  const calls = new EngineCalls(engine, 8, new AbortController().signal);
  const known = new DefinitionsOfLog(log);
  const keys = new Map<string, RunningKey>();
  const evaluationOf = (changes: ChangeState, output: RunningKey["output"]) =>
    new KeyEvaluation(calls, changes, ({ topic, value }) => {
      if (topic === "results") output.results.push(value);
      else output.rejected.push(value);
    });
  const ended: Promise<void>[] = [];
  const resumeAll = () => {
    if (!known.hasNews) return;
    for (const { state, evaluation } of keys.values()) ended.push(evaluation.push(resume(state, known)));
  };
  for (const { partition, offset, event } of log.records) {
    resumeAll();
    const name = recordKey(event.stream_id, event.key);
    const output = { results: [], rejected: [] };
    const key = keys.get(name) ?? { state: newKeyState(), evaluation: evaluationOf(newChangeState(), output), output };
    keys.set(name, key);
    ended.push(key.evaluation.push(consume(key.state, known, event, { partition, offset })));
    known.consumed += 1;
    if (!reopens) continue;
    await Promise.all(ended);
    const { changes } = key.evaluation;
    pruneResults(
      changes,
      key.state.windows.map(({ seq }) => seq),
    );
    key.evaluation = evaluationOf(decodeChangeState(encodeChangeState(changes)), key.output);
    key.state = decodeKeyState(encodeKeyState(key.state));
  }
  resumeAll();
  await Promise.all(ended);
  const outputs = [...keys.values()].map(({ output }) => output);
  return { results: outputs.flatMap(({ results }) => results), rejected: outputs.flatMap(({ rejected }) => rejected) };
}

/** As in golden vectors. */
export function hexOf({ results, rejected }: LogOutput): { readonly results: string[]; readonly rejected: string[] } {
  return {
    results: results.map((value) => toHex(encodeAvro(STREAM_RESULT, value))),
    rejected: rejected.map((value) => toHex(encodeAvro(STREAM_REJECTION, value))),
  };
}
