import { LIMIT_NAMES, LIMITS, type LimitDefinition } from "@tda-platform/contract/limits";
import type { Limits } from "@tda-platform/contract/service-schemas";
import { settingDefinitions } from "@tda-platform/contract/settings";
import type { FastifyRequest } from "fastify";
import type { OperationContext } from "../context.ts";
import { requireNoQuery } from "../no-query.ts";

/** `limits.read` */
export function readLimits({ settings }: OperationContext) {
  return async (request: FastifyRequest): Promise<Limits> => {
    requireNoQuery(request);
    const limits = LIMIT_NAMES.map((name) => {
      const { value, unit, summary }: LimitDefinition = LIMITS[name];
      return "fixed" in value
        ? { name, value: value.fixed, unit, setting: null, summary }
        : {
            name,
            value: Number(settings[value.setting]),
            unit,
            setting: settingDefinitions[value.setting].name,
            summary,
          };
    });
    return { limits };
  };
}
