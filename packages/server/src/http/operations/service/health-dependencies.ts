import type { Dependencies } from "@tda-platform/contract/service-schemas";
import type { OperationContext } from "../context.ts";
import { checkDependencies, overallStatus } from "./dependencies.ts";

/** `health.dependencies` */
export function readDependencies({ probes }: OperationContext) {
  return async (): Promise<Dependencies> => {
    const dependencies = await checkDependencies(probes);
    return { status: overallStatus(dependencies), dependencies };
  };
}
