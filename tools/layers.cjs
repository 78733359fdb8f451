// Who may import whom (docs/explanation/architecture.md), held by dependency-cruiser in `npm run lint`.
const not = (...names) => `^(packages/(${names.join("|")})|acceptance)/`;

module.exports = {
  forbidden: [
    { name: "no-cycles", severity: "error", from: {}, to: { circular: true } },
    { name: "no-unresolved", severity: "error", from: {}, to: { couldNotResolve: true, pathNot: "^node:" } },
    {
      name: "contract-imports-nothing",
      comment: "types of typebox apart, which leave no trace at run time",
      severity: "error",
      from: { path: "^packages/contract/src/", pathNot: "\\.test\\.ts$" },
      to: { pathNot: "^packages/contract/", dependencyTypesNot: ["type-only"] },
    },
    { name: "engine-imports-contract-only", severity: "error", from: { path: "^packages/engine/" }, to: { path: not("server", "sdk", "cli", "console") } },
    { name: "sdk-imports-contract-only", severity: "error", from: { path: "^packages/sdk/src/", pathNot: "\\.test\\.ts$" }, to: { path: not("engine", "server", "cli", "console") } },
    { name: "server-imports-no-client", severity: "error", from: { path: "^packages/server/" }, to: { path: not("sdk", "cli", "console") } },
    {
      name: "cli-speaks-through-sdk",
      comment: "`tda serve` starts the server and `--local` computes as the server's domain does; everything else goes over HTTP",
      severity: "error",
      from: { path: "^packages/cli/" },
      to: { path: "^packages/server/src/", pathNot: "^packages/server/src/(start|config|domain|internal)/" },
    },
    {
      name: "domain-imports-no-adapter",
      severity: "error",
      from: { path: "^packages/server/src/domain/", pathNot: "\\.test\\.ts$" },
      to: { path: "^packages/server/src/(?!domain|internal)" },
    },
    {
      name: "http-imports-no-adapter",
      severity: "error",
      from: { path: "^packages/server/src/http/", pathNot: "\\.test\\.ts$" },
      to: { path: "^packages/server/src/(adapters|start)/" },
    },
    {
      name: "adapters-import-no-http",
      severity: "error",
      from: { path: "^packages/server/src/adapters/", pathNot: "\\.test\\.ts$" },
      to: { path: "^packages/server/src/(http|start)/" },
    },
    { name: "internal-imports-nothing-of-ours", severity: "error", from: { path: "^packages/server/src/internal/", pathNot: "\\.test\\.ts$" }, to: { path: "^packages/server/src/(?!internal|config)" } },
    { name: "acceptance-imports-contract-only", severity: "error", from: { path: "^acceptance/" }, to: { path: "^packages/(engine|server|sdk|cli|console)/" } },
    {
      name: "nothing-imports-tools",
      comment: "tests start real servers with @tda-platform/services",
      severity: "error",
      from: { path: "^(packages|acceptance)/" },
      to: { path: "^tools/(?!services/)" },
    },
    {
      name: "product-imports-no-services",
      severity: "error",
      from: { path: "^packages/", pathNot: "\\.test\\.ts$|/testing/|^packages/[^/]+/test/" },
      to: { path: "^tools/" },
    },
  ],
  options: {
    parser: "swc",
    tsPreCompilationDeps: true,
    doNotFollow: { path: "node_modules" },
    exclude: { path: "(^|/)(node_modules|build)/" },
    includeOnly: { path: "^(packages|acceptance|tools|node_modules|node:)" },
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["import", "types", "default"], extensions: [".ts", ".mjs", ".js", ".cjs", ".json"] },
  },
};
