import { defineConfig } from "vitest/config";

/**
 * Files of acceptance/ that run on embedded stores alone. The others run a second time against PostgreSQL, Redis and S3 servers:
 * a new file does unless it is named here.
 */
const embeddedOnly = {
  "it is about the embedded database": ["embedded-database"],
  "the command line speaks HTTP, whatever is behind": ["cli"],
  "what is computed is stored nowhere on the way": [
    "approximation",
    "bad-input",
    "circular-coordinates",
    "concurrency",
    "estimate",
    "input-formats",
    "mock-engine",
    "mutated-bodies",
    "representatives",
    "vietoris-rips",
  ],
};

/** Files of acceptance/ that run on the whole platform: those about what Kafka and Flink have a part in. */
const onTheStack = ["acceptance/streams.test.ts", "acceptance/stack/**/*.test.ts"];

/** One project a suite of `npm test`. Files run one after the other: they start real servers and count real processes. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "packages",
          include: ["packages/*/src/**/*.test.ts", "packages/*/test/**/*.test.ts", "tools/**/*.test.ts"],
          exclude: [
            "packages/engine/test/wasm/**",
            "packages/server/test/flink/**",
            "tools/services/stack/chaos.test.ts",
          ],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          maxWorkers: 2,
        },
      },
      {
        test: {
          name: "wasm",
          include: ["packages/engine/test/wasm/**/*.test.ts", "packages/engine/test/conformance.test.ts"],
          env: { TDA_TEST_ENGINES: "WebAssembly" },
          testTimeout: 60_000,
          hookTimeout: 60_000,
          maxWorkers: 2,
        },
      },
      {
        test: {
          name: "docs",
          include: ["docs/**/*.test.ts"],
          testTimeout: 180_000,
          hookTimeout: 180_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: "streaming",
          include: ["packages/server/test/flink/**/*.test.ts", "tools/services/stack/chaos.test.ts"],
          testTimeout: 240_000,
          hookTimeout: 240_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: "acceptance",
          include: ["acceptance/**/*.test.ts"],
          exclude: ["acceptance/distributed/**", "acceptance/stack/**", "acceptance/chaos/**"],
          testTimeout: 120_000,
          hookTimeout: 180_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: "acceptance-distributed",
          include: ["acceptance/**/*.test.ts"],
          exclude: [
            "acceptance/stack/**",
            "acceptance/chaos/**",
            ...Object.values(embeddedOnly).flatMap((names) => names.map((name) => `acceptance/${name}.test.ts`)),
          ],
          globalSetup: ["acceptance/support/services.setup.ts"],
          testTimeout: 120_000,
          hookTimeout: 180_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: "chaos-streams",
          include: ["acceptance/chaos/**/*.test.ts"],
          fileParallelism: false,
        },
      },
      {
        test: {
          name: "acceptance-stack",
          include: onTheStack,
          globalSetup: ["acceptance/support/stack.setup.ts"],
          testTimeout: 120_000,
          hookTimeout: 180_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
