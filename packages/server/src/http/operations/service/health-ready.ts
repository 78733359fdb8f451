import { RETRY_AFTER_SECONDS } from "@tda-platform/contract/limits";
import type { Ready } from "@tda-platform/contract/service-schemas";
import { ProblemError } from "../../../domain/problem.ts";
import type { OperationContext } from "../context.ts";
import { checkDependencies, overallStatus } from "./dependencies.ts";

/** `health.ready` */
export function readReadiness({ probes, isShuttingDown, warnings }: OperationContext) {
  return async (): Promise<Ready> => {
    const retryAfterSeconds = RETRY_AFTER_SECONDS;
    if (isShuttingDown()) throw new ProblemError("shutting_down", "The server is stopping.", { retryAfterSeconds });
    const dependencies = await checkDependencies(probes);
    if (overallStatus(dependencies) === "down") {
      throw new ProblemError("not_ready", "A dependency is down.", { retryAfterSeconds, members: { dependencies } });
    }
    return { status: "ready", warnings: [...(await warnings())] };
  };
}
