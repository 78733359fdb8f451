import type { Service } from "@tda-platform/contract/service-schemas";
import type { OperationContext } from "../context.ts";

/** `service.read` */
export function readService({ version }: OperationContext) {
  return async (): Promise<Service> => ({
    name: "TDA platform",
    version,
    documentation: "/docs",
    openapi: "/openapi.json",
  });
}
