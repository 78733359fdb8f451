import { expect, it } from "vitest";
import { BackupDamaged, parseManifest } from "./manifest.ts";

function withBound(bound: string, name = "audit_log_202601"): string {
  const partitions = [{ name, parent: "audit_log", bound }];
  return JSON.stringify({ format: 1, tables: [], sequences: [], partitions });
}

it.each([
  "DEFAULT",
  "FOR VALUES WITH (modulus 8, remainder 3)",
  "FOR VALUES FROM ('2026-01-01 00:00:00+00') TO ('2026-02-01 00:00:00+00')",
])("takes the bound %s", (bound) => {
  expect(parseManifest(withBound(bound)).partitions[0]!.bound).toBe(bound);
});

it.each([
  "FOR VALUES IN (pg_read_file('/etc/passwd'))",
  "FOR VALUES FROM (now()) TO ('2026-02-01')",
  "DEFAULT; drop table tda.projects",
  "DEFAULT TABLESPACE other",
  "",
])("refuses the bound %j, which would become SQL", (bound) => {
  expect(() => parseManifest(withBound(bound))).toThrow(BackupDamaged);
});

it("refuses names that are not ours", () => {
  expect(() => parseManifest(withBound("DEFAULT", "x; drop table tda.projects"))).toThrow(BackupDamaged);
});
