import type { AuditExportQuery } from "@tda-platform/contract/audit-schemas";
import { problemAt } from "../../../domain/problem.ts";

/** @throws ProblemError for what has the form of a time and is none, such as a 30th of February. */
export function checkTimes(query: AuditExportQuery): void {
  for (const name of ["from", "to"] as const) {
    const text = query[name];
    if (text === undefined || !Number.isNaN(Date.parse(text))) continue;
    throw problemAt("validation_failed", `/${name}`, "There is no such time.");
  }
}
