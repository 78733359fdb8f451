import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { streamLog } from "../testing/log-arbitrary.ts";
import { LogBuilder } from "../testing/log-builder.ts";
import { ReferenceKey, type Told } from "../testing/reference-key.ts";
import { DefinitionsOfLog, type StreamLog } from "../testing/vector.ts";
import { consume, resume } from "./consume.ts";
import { type KeyState, newKeyState } from "./key-state.ts";
import type { Outcome, WindowName } from "./outcomes.ts";
import { decodeKeyState, encodeKeyState } from "./state-codec.ts";

const RUNS = Number(process.env.TDA_TEST_RUNS ?? 1_500);

function nameOf({ definition, seq, revision, openedAt, start, end }: WindowName): (number | string)[] {
  return [`v${definition.version}`, seq, revision, openedAt, start, end];
}

function tell(outcome: Outcome): Told {
  switch (outcome.kind) {
    case "firing":
      return { told: "firing", window: nameOf(outcome.window), values: Array.from(outcome.values) };
    case "retraction":
      return { told: "retraction", window: nameOf(outcome.window), by: outcome.supersededBy };
    case "rejection": {
      const { origin, reason, code, definition_version: version, t } = outcome.value;
      return { told: "rejection", origin, reason, code, version, t };
    }
    case "renewal":
      return { told: "renewal" };
  }
}

/** What each record brings about, by the machine. `between` sees the state after each record, and may put another in its place. */
function tellLog(log: StreamLog, between: (state: KeyState, record: number) => KeyState = (state) => state): Told[][] {
  const known = new DefinitionsOfLog(log);
  const keys = new Map<string, KeyState>();
  const told: Told[][] = [];
  for (const [i, { event, partition, offset }] of log.records.entries()) {
    const before: Outcome[] = [];
    if (known.hasNews) for (const state of keys.values()) before.push(...resume(state, known));
    const state = keys.get(event.key) ?? newKeyState();
    const outcomes = consume(state, known, event, { partition, offset });
    keys.set(event.key, between(state, i));
    told.push([...before, ...outcomes].map(tell));
    known.consumed += 1;
  }
  return told;
}

function tellByReference(log: StreamLog): Told[][] {
  const known = new DefinitionsOfLog(log);
  const keys = new Map<string, ReferenceKey>();
  return log.records.map(({ event, partition, offset }) => {
    const before = known.hasNews ? [...keys.values()].flatMap((key) => key.resume(known)) : [];
    const key = keys.get(event.key) ?? new ReferenceKey();
    keys.set(event.key, key);
    const told = [...before, ...key.consume(known, event, { partition, offset })];
    known.consumed += 1;
    return told;
  });
}

describe("the window state machine, on random logs", () => {
  it("gives what the specification says, sentence by sentence", () => {
    fc.assert(
      fc.property(streamLog(), (log) => {
        expect(tellLog(log)).toEqual(tellByReference(log));
      }),
      { numRuns: RUNS },
    );
  });

  it("gives the same when it is saved and opened again after any record", () => {
    fc.assert(
      fc.property(streamLog(), fc.array(fc.boolean(), { minLength: 40, maxLength: 40 }), (log, saves) => {
        const reopened = tellLog(log, (state, i) =>
          saves[i] === true ? decodeKeyState(encodeKeyState(state)) : state,
        );
        expect(reopened).toEqual(tellLog(log));
      }),
      { numRuns: RUNS / 3 },
    );
  });

  it("loses no point: what is not rejected is in a window once everything was flushed", () => {
    fc.assert(
      fc.property(streamLog(), ({ definitions, records }) => {
        const log = { definitions, records: withNumberedValues(records) };
        const version = definitions.length;
        const end = new LogBuilder(1).flush(null, { key: "a", version }).flush(null, { key: "b", version });
        const told = tellLog({ ...log, records: [...log.records, ...end.records] }).flat();
        const seen = new Set(told.flatMap((one) => (one.told === "firing" ? one.values : [])));
        const rejected = new Set(told.flatMap((one) => (one.told === "rejection" ? [one.origin] : [])));
        const repeated = repeatedRecords(log.records);
        for (const { event, partition, offset } of log.records) {
          if (event.kind === "flush" || repeated.has(offset)) continue;
          for (const { index, v } of event.points) {
            const isRejected = rejected.has(`record:${partition}:${offset}:${index}`);
            expect(isRejected || seen.has(v[0]!), `${offset}:${index}`).toBe(true);
            expect(isRejected && seen.has(v[0]!), `${offset}:${index}`).toBe(false);
          }
        }
      }),
      { numRuns: RUNS / 3 },
    );
  });
});

/** Every point says who it is. */
function withNumberedValues(records: StreamLog["records"]): StreamLog["records"] {
  let number = 1;
  return records.map((record) => {
    const points = record.event.points.map((point) => ({ ...point, v: point.v.map(() => number++) }));
    return { ...record, event: { ...record.event, points } };
  });
}

/** Records that repeat a batch of their key, and may or may not count: they are not looked at. */
function repeatedRecords(records: StreamLog["records"]): Set<number> {
  const seen = new Set<string>();
  const repeated = new Set<number>();
  for (const { event, offset } of records) {
    const name = `${event.key}/${event.batch_id}`;
    if (seen.has(name)) repeated.add(offset);
    seen.add(name);
  }
  return repeated;
}
