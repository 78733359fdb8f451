import { PROBLEMS, type ProblemCode, type ProblemDefinition, type ProblemPlace } from "@tda-platform/contract/problems";
import { EngineError } from "@tda-platform/engine/errors";
import { ConnectionError, ProblemError, UnexpectedAnswerError } from "@tda-platform/sdk";
import { SettingsError } from "@tda-platform/server/config/settings-error";
import { ProblemError as DomainProblem } from "@tda-platform/server/domain/problem";
import { StartError } from "@tda-platform/server/internal/start-error";
import { CommanderError } from "commander";
import { CliError, EXIT, type ExitCode } from "./cli-error.ts";

/** What a failed command tells its user: a sentence, the places it is about, and what to do. */
export interface Explanation {
  readonly exitCode: ExitCode;
  /** null: everything is said already. */
  readonly message: string | null;
  readonly details: readonly string[];
  readonly hint: string | null;
}

export function explainError(error: unknown): Explanation {
  if (error instanceof CliError) return explanation(error.message, { hint: error.hint, exitCode: error.exitCode });
  if (error instanceof ProblemError) {
    return explainProblem(error.code, error.message, error.errors, `request ${error.requestId}`);
  }
  if (error instanceof DomainProblem) return explainProblem(error.code, error.message, error.places, null);
  if (error instanceof EngineError) return explainEngineError(error);
  if (error instanceof StartError)
    return explanation(error.message, { hint: "`npx --no-install tda doctor` looks for what is missing." });
  if (error instanceof SettingsError) return explanation(error.message, { exitCode: EXIT.usage });
  if (error instanceof ConnectionError) {
    return explanation(`No server answers at ${error.url}.`, {
      hint: "Start one with `npm start`, name another with --server, or compute without one: --local.",
    });
  }
  if (error instanceof UnexpectedAnswerError) {
    return explanation(error.message, { hint: "Is it a TDA server? --server names another." });
  }
  if (error instanceof CommanderError) {
    return explanation(null, { exitCode: error.exitCode === 0 ? EXIT.ok : EXIT.usage });
  }
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return explanation(`Unexpected error: ${message}`, { hint: "This is a defect of tda: please report it." });
}

/** A problem of the catalogue, from a server or found here. */
function explainProblem(
  code: string,
  detail: string,
  places: readonly ProblemPlace[],
  reference: string | null,
): Explanation {
  const definition = code in PROBLEMS ? PROBLEMS[code as ProblemCode] : null;
  const pointers = places.flatMap(({ pointer, detail: at }) => {
    // The request as a whole has an empty pointer.
    const parts = [...(pointer === "" ? [] : [`at ${pointer}`]), ...(at === detail ? [] : [at])];
    return parts.length === 0 ? [] : [parts.join(": ")];
  });
  return explanation(`${definition === null ? "" : `${definition.title}. `}${asSentence(detail)}`, {
    details: [...pointers, reference === null ? `(${code})` : `(${code}, ${reference})`],
    hint: hintFor(code, definition),
  });
}

/** What helps on the command line, where it knows more than the catalogue. */
function hintFor(code: string, definition: ProblemDefinition | null): string | null {
  if (definition?.status === 401) return "Log in with `tda login`, or give a key with --api-key or TDA_API_KEY.";
  if (code === "cost_limit_exceeded")
    return "Compute without that limit in this process: --local. Or give a --threshold, or an --approximation.";
  if (code === "memory_limit_exceeded")
    return "Raise --memory-limit, give a --threshold, or an --approximation, whose error is bounded.";
  return definition?.remedy ?? null;
}

function explainEngineError(error: EngineError): Explanation {
  const { row, column } = error.place;
  const place = row === undefined ? [] : [`at row ${row + 1}${column === undefined ? "" : `, column ${column + 1}`}`];
  const code = error.code === "invalid_field" ? "invalid_coefficient_field" : error.code;
  const remedy = code in PROBLEMS ? PROBLEMS[code as ProblemCode].remedy : null;
  return explanation(asSentence(error.message), { details: [...place, `(${error.code})`], hint: remedy });
}

function explanation(
  message: string | null,
  more: { details?: readonly string[]; hint?: string | null; exitCode?: ExitCode },
): Explanation {
  return { exitCode: more.exitCode ?? EXIT.failure, message, details: more.details ?? [], hint: more.hint ?? null };
}

function asSentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
