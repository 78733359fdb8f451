import type { LimitDefinition } from "./definition.ts";

/** Of what one project may take. */
export const PROJECTS_LIMITS = {
  project_requests_per_second: {
    unit: "requests_per_second",
    value: { setting: "projectRateLimitPerSecond" },
    summary: "Requests of one project; 0: no limit.",
    problem: "rate_limited",
  },
  project_concurrent_computations: {
    unit: "computations",
    value: { setting: "projectConcurrentComputations" },
    summary: "Computations of one project in progress; 0: no limit of its own.",
    problem: "concurrency_limit_exceeded",
  },
  project_jobs: {
    unit: "count",
    value: { setting: "projectJobs" },
    summary: "Jobs of one project that are queued or running; 0: no limit.",
    problem: "job_quota_exceeded",
  },
  project_storage_bytes: {
    unit: "bytes",
    value: { setting: "projectStorageBytes" },
    summary: "Bytes of one project's datasets and uploads in progress; 0: no limit.",
    problem: "storage_quota_exceeded",
  },
  project_cpu_seconds_per_hour: {
    unit: "seconds",
    value: { setting: "projectCpuSecondsPerHour" },
    summary: "CPU seconds of one project in a clock hour; 0: no limit.",
    problem: "cpu_quota_exceeded",
  },
} as const satisfies Record<string, LimitDefinition>;
