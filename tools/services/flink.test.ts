import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { installJavaService, requireMaven } from "./java/install.mjs";
import { type FlinkCluster, type Services, startServices } from "./services.ts";

const folder = mkdtempSync(join(tmpdir(), "tda-test-job-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const jar = join(folder, "counting.jar");

beforeAll(async () => {
  const { folder: flink } = await installJavaService("flink");
  const java = await requireMaven("the test of Flink", { withCompiler: true });
  const tool = (name: string, ...args: string[]) => promisify(execFile)(join(java, "bin", name), args);
  const source = join(import.meta.dirname, "flink", "test-job", "CountingJob.java");
  const classes = join(folder, "classes");
  await tool("javac", "--release", "17", "-cp", join(flink, "lib", "*"), "-d", classes, source);
  await tool("jar", "--create", "--file", jar, "--main-class", "CountingJob", "-C", classes, ".");
}, 180_000);

const limits = { timeout: 120_000, interval: 200 };

describe("a cluster whose JobManager recovers", { timeout: 180_000 }, () => {
  let services: Services<{ flink: { recovery: true } }>;
  let flink: FlinkCluster;
  let job: string;
  beforeAll(async () => {
    services = await startServices({ flink: { recovery: true } });
    flink = services.flink;
    job = await flink.client.submitJob(jar, ["counting"], { parallelism: 2 });
    await flink.client.checkpointed(job);
  }, 180_000);
  afterAll(() => services.stop());

  it("tells what it does to Prometheus, by process", async () => {
    const texts = flink.metricsUrls.map(async (url) => (await fetch(url)).text());
    const [jobManager, taskManager] = await Promise.all(texts);
    expect(jobManager).toMatch(/^flink_jobmanager_numRunningJobs\{.*\} 1\.0$/m);
    expect(taskManager).toMatch(/^flink_taskmanager_job_task_operator_numRecordsIn\{/m);
  });

  it("goes on from a checkpoint when the TaskManager was killed with -9", async () => {
    const [taskManager] = flink.taskManagers;
    await taskManager!.kill();
    await expect.poll(() => flink.client.jobState(job), limits).not.toBe("RUNNING");
    await taskManager!.restart();
    await flink.client.running(job);
    expect(await flink.client.restoredFrom(job)).toMatch(/chk-\d+$/);
  });

  it("goes on with the same job when the JobManager was killed with -9", async () => {
    await flink.client.checkpointed(job);
    await flink.jobManager.kill();
    await flink.jobManager.restart();
    await expect.poll(() => flink.client.jobs().then((jobs) => jobs.map(({ id }) => id)), limits).toEqual([job]);
    await flink.client.running(job);
    expect(await flink.client.restoredFrom(job)).toMatch(/chk-\d+$/);
  });

  it("stops a job with a savepoint, which another starts from", async () => {
    const savepoint = await flink.client.stopWithSavepoint(job);
    expect(await flink.client.jobState(job)).toBe("FINISHED");
    const next = await flink.client.submitJob(jar, ["counting on"], { parallelism: 2, savepoint });
    await flink.client.running(next);
    expect(await flink.client.restoredFrom(next)).toBe(savepoint);
    await flink.client.cancel(next);
    expect(await flink.client.jobState(next)).toBe("CANCELED");
  });
});

it("without recovery, starts a job again from the newest checkpoint on the disk", async () => {
  const services = await startServices({ flink: true });
  try {
    const { flink } = services;
    const job = await flink.client.submitJob(jar, ["counting"], { parallelism: 1 });
    await flink.client.checkpointed(job);
    await flink.jobManager.kill();
    const checkpoint = await flink.client.latestCheckpoint(job);
    expect(checkpoint).toMatch(/chk-\d+$/);
    await flink.jobManager.restart();
    expect(await flink.client.jobs()).toEqual([]);
    const again = await flink.client.submitJob(jar, ["counting"], { parallelism: 1, savepoint: checkpoint! });
    await flink.client.running(again);
    expect(await flink.client.restoredFrom(again)).toContain(checkpoint);
  } finally {
    await services.stop();
  }
}, 180_000);
