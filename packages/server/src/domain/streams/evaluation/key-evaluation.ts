import type { StreamRejection } from "@tda-platform/contract/events/stream-rejection";
import type { StreamResult } from "@tda-platform/contract/events/stream-result";
import type { Firing, Outcome } from "../windows/outcomes.ts";
import { applyAlertRules } from "./alert-rules.ts";
import { NO_CHANGE_SCORE, scoreChange } from "./change-score.ts";
import { type ChangeState, newChangeState } from "./changes.ts";
import { type EngineCalls, WindowFailed } from "./engine-calls.ts";
import { type EvaluatedWindow, evaluateWindow } from "./evaluate-window.ts";
import { failedWindow, resultOf, retractionOf } from "./stream-values.ts";

/** What a key gives, in order. */
export type Emission = (
  | { readonly topic: "results"; readonly value: StreamResult }
  | { readonly topic: "rejected"; readonly value: StreamRejection }
) & {
  /** Of a window: how long the engine and what it waited for took, for metrics. */
  readonly seconds?: number;
};

/**
 * Outcomes of one key on their way to results. The engine works on several windows of a key at once; what depends on the windows before,
 * and the order of what is emitted, is kept.
 */
export class KeyEvaluation {
  #changes: ChangeState;
  readonly #calls: EngineCalls;
  readonly #emit: (emission: Emission) => void;
  #tail: Promise<void> = Promise.resolve();

  constructor(calls: EngineCalls, changes: ChangeState, emit: (emission: Emission) => void) {
    this.#calls = calls;
    this.#changes = changes;
    this.#emit = emit;
  }

  /** As the outcomes that have been emitted so far left it. */
  get changes(): ChangeState {
    return this.#changes;
  }

  /** Resolves once these outcomes, and all before them, have been emitted. @throws the reason for which the calls end */
  push(outcomes: readonly Outcome[]): Promise<void> {
    const begunAt = performance.now();
    const begun = outcomes.map((outcome) => (outcome.kind === "firing" ? begin(this.#calls, outcome) : null));
    this.#tail = this.#tail.then(async () => {
      for (const [i, outcome] of outcomes.entries()) await this.#settle(outcome, begunAt, begun[i] ?? null);
    });
    this.#tail.catch(() => undefined);
    return this.#tail;
  }

  /**
   * Looks when all that was pushed so far has been emitted, before anything that comes after is.
   * @throws the reason for which the calls end
   */
  async mark<Seen>(look: (changes: ChangeState) => Seen): Promise<Seen> {
    const seen = this.#tail.then(() => look(this.#changes));
    this.#tail = seen.then(() => undefined);
    this.#tail.catch(() => undefined);
    return await seen;
  }

  async #settle(outcome: Outcome, begunAt: number, evaluated: Promise<EvaluatedWindow> | null): Promise<void> {
    switch (outcome.kind) {
      case "firing":
        this.#emit({
          ...(await this.#conclude(outcome, evaluated as Promise<EvaluatedWindow>)),
          seconds: secondsSince(begunAt),
        });
        break;
      case "retraction":
        this.#emit({ topic: "results", value: retractionOf(outcome) });
        break;
      case "rejection":
        this.#emit({ topic: "rejected", value: outcome.value });
        break;
      case "renewal":
        this.#changes = newChangeState();
    }
  }

  async #conclude({ window }: Firing, evaluated: Promise<EvaluatedWindow>): Promise<Emission> {
    try {
      const { definition, revision } = window;
      const evaluation = await evaluated;
      const scores = definition.outputs.includes("change_score");
      const score = scores ? await scoreChange(this.#calls, this.#changes, window, evaluation) : NO_CHANGE_SCORE;
      const alerts = revision === 0 ? applyAlertRules(this.#changes, definition, score.zScore) : [];
      return { topic: "results", value: resultOf(window, evaluation, score, alerts) };
    } catch (error) {
      if (!(error instanceof WindowFailed)) throw error;
      return { topic: "rejected", value: failedWindow(window, error.code) };
    }
  }
}

/** Its failure is for whoever awaits it, later. */
function begin(calls: EngineCalls, firing: Firing): Promise<EvaluatedWindow> {
  const evaluated = evaluateWindow(calls, firing);
  evaluated.catch(() => undefined);
  return evaluated;
}

function secondsSince(time: number): number {
  return (performance.now() - time) / 1000;
}
