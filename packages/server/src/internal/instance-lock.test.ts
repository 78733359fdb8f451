import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { LockHeld, takeInstanceLock } from "./instance-lock.ts";
import { identifyProcess } from "./process-identity.ts";

let dir: string;
let path: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "tda-lock-"));
  path = join(dir, "server.lock");
});
afterEach(() => rmSync(dir, { recursive: true }));

test("a lock is held by one, and free after its release", () => {
  const lock = takeInstanceLock(path);
  expect(() => takeInstanceLock(path)).toThrow(LockHeld);
  lock.release();
  takeInstanceLock(path).release();
  expect(readdirSync(dir)).toEqual([]);
});

test("a dead holder is succeeded, also when another process has its number now", () => {
  writeFileSync(path, JSON.stringify({ pid: process.pid, startedAt: "another boot:1" }));
  const lock = takeInstanceLock(path);
  expect(JSON.parse(readFileSync(path, "utf8"))).toEqual(identifyProcess(process.pid));
  lock.release();
  expect(existsSync(path)).toBe(false);
});

test.each(["", "{", "null", '{"pid":"1"}'])("a lock that says %j is nobody's", (content) => {
  writeFileSync(path, content);
  takeInstanceLock(path).release();
});

test("a takeover that was cut short holds up nobody", () => {
  writeFileSync(path, JSON.stringify({ pid: 2 ** 22, startedAt: "gone" }));
  writeFileSync(`${path}.takeover`, JSON.stringify({ pid: 2 ** 22, startedAt: "gone" }));
  takeInstanceLock(path).release();
  expect(readdirSync(dir)).toEqual([]);
});

test("release leaves a successor's lock alone", () => {
  const lock = takeInstanceLock(path);
  writeFileSync(path, "somebody else's");
  lock.release();
  expect(readFileSync(path, "utf8")).toBe("somebody else's");
});

test("of many processes that find a dead holder, one succeeds it", async () => {
  writeFileSync(path, JSON.stringify({ pid: 2 ** 22, startedAt: "gone" }));
  const script = `
    import { takeInstanceLock } from ${JSON.stringify(new URL("./instance-lock.ts", import.meta.url).href)};
    process.stdin.once("data", () => {
      try { takeInstanceLock(${JSON.stringify(path)}); console.log("mine"); } catch (error) { console.log(error.name); }
    });
    process.stdin.once("end", () => process.exit());
    console.log("up");`;
  const children = Array.from({ length: 6 }, () =>
    spawn(process.execPath, ["--input-type=module-typescript", "-e", script], { stdio: ["pipe", "pipe", "inherit"] }),
  );
  await Promise.all(children.map((child) => once(child.stdout, "data")));
  const verdicts = children.map(async (child) => String((await once(child.stdout, "data"))[0]).trim());
  for (const child of children) child.stdin.write("go\n");
  expect((await Promise.all(verdicts)).sort()).toEqual([
    "LockHeld",
    "LockHeld",
    "LockHeld",
    "LockHeld",
    "LockHeld",
    "mine",
  ]);
  for (const child of children) child.stdin.end();
  await Promise.all(children.map((child) => once(child, "exit")));
});
