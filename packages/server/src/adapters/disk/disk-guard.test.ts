import { spawnSync } from "node:child_process";
import { stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { silent } from "../database/testing/records.ts";
import { type TemporaryDir, temporaryDir } from "../database/testing/temporary-dir.ts";
import { DiskGuard } from "./disk-guard.ts";

const MiB = 1_048_576;
let dir: TemporaryDir;
const guards: DiskGuard[] = [];
beforeEach(async () => {
  dir = await temporaryDir();
});
afterEach(async () => {
  for (const guard of guards.splice(0)) await guard.close();
  await dir.remove();
});

async function start(options: { dir?: string; reserveBytes: number; ballastBytes: number }): Promise<DiskGuard> {
  const guard = await DiskGuard.start({ dir: dir.path, logger: silent, ...options });
  guards.push(guard);
  return guard;
}

const ballast = () =>
  stat(join(dir.path, "ballast")).then(
    ({ size }) => size,
    () => null,
  );

describe("a disk", () => {
  it("with room takes what leaves the reserve, and holds ballast", async () => {
    const guard = await start({ reserveBytes: 1, ballastBytes: MiB + 5 });
    expect(() => guard.require(1000)).not.toThrow();
    expect(() => guard.require(2 ** 60)).toThrow(
      expect.objectContaining({ code: "insufficient_storage", status: 507 }),
    );
    expect(await ballast()).toBe(MiB + 5);
  });

  it("with less than its reserve takes nothing, and lets the ballast go", async () => {
    await writeFile(join(dir.path, "ballast"), "held");
    const guard = await start({ reserveBytes: 2 ** 60, ballastBytes: 4 });
    expect(() => guard.require(0)).toThrow(expect.objectContaining({ code: "insufficient_storage" }));
    expect(await ballast()).toBeNull();
  });

  it("that a write found full takes nothing until there is room again", async () => {
    const guard = await start({ reserveBytes: 1, ballastBytes: 0 });
    guard.reportFull();
    expect(() => guard.require(0)).toThrow(expect.objectContaining({ code: "insufficient_storage" }));
    await expect.poll(() => attempt(() => guard.require(0)), { timeout: 10_000 }).toBe(true);
  });

  it("without a reserve takes everything", async () => {
    const guard = await start({ reserveBytes: 0, ballastBytes: 0 });
    expect(() => guard.require(2 ** 60)).not.toThrow();
  });
});

const mounted = join("/tmp", `tda-test-disk-${process.pid}`);
const canMount = process.getuid?.() === 0 && mount();

function mount(): boolean {
  spawnSync("mkdir", ["-p", mounted]);
  const done = spawnSync("mount", ["-t", "tmpfs", "-o", "size=32m,mode=0700", "tmpfs", mounted]).status === 0;
  if (!done) spawnSync("rmdir", [mounted]);
  return done;
}

function attempt(work: () => void): boolean {
  try {
    work();
    return true;
  } catch {
    return false;
  }
}

describe.runIf(canMount)("a small disk", () => {
  afterEach(() => {
    spawnSync("umount", [mounted]);
    spawnSync("rmdir", [mounted]);
  });

  it("is watched as others fill it and empty it", async () => {
    const guard = await start({ dir: mounted, reserveBytes: 8 * MiB, ballastBytes: 2 * MiB });
    expect((await stat(join(mounted, "ballast"))).size).toBe(2 * MiB);
    expect(() => guard.require(0)).not.toThrow();
    await writeFile(join(mounted, "other"), Buffer.alloc(28.5 * MiB));
    await expect.poll(() => attempt(() => guard.require(0)), { timeout: 10_000 }).toBe(false);
    await expect
      .poll(
        () =>
          stat(join(mounted, "ballast")).then(
            () => true,
            () => false,
          ),
        { timeout: 10_000 },
      )
      .toBe(false);
    await writeFile(join(mounted, "other"), "");
    await expect.poll(() => attempt(() => guard.require(0)), { timeout: 10_000 }).toBe(true);
    await expect
      .poll(
        () =>
          stat(join(mounted, "ballast")).then(
            ({ size }) => size,
            () => 0,
          ),
        { timeout: 10_000 },
      )
      .toBe(2 * MiB);
  });
});
