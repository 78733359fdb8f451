import type { SERVICE_OPERATIONS } from "@tda-platform/contract/operations/service";
import type { HandlerOf } from "../context.ts";
import { readDependencies } from "./health-dependencies.ts";
import { readLiveness } from "./health-live.ts";
import { readReadiness } from "./health-ready.ts";
import { readLimits } from "./limits-read.ts";
import { readMetrics } from "./metrics-read.ts";
import { readOpenApi } from "./openapi-read.ts";
import { readProblems } from "./problems-read.ts";
import { readService } from "./service-read.ts";
import { readUsage } from "./usage-read.ts";
import { readVersion } from "./version-read.ts";

export const SERVICE_HANDLERS = {
  "version.read": readVersion,
  "limits.read": readLimits,
  "usage.read": readUsage,
  "health.live": readLiveness,
  "health.ready": readReadiness,
  "health.dependencies": readDependencies,
  "metrics.read": readMetrics,
  "openapi.read": readOpenApi,
  "problems.read": readProblems,
  "service.read": readService,
} as const satisfies Record<keyof typeof SERVICE_OPERATIONS, HandlerOf>;
