import { mkdirSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { runTda, temporaryFolder, withoutNativeEngine } from "./run-tda.ts";

const folder = temporaryFolder();

describe("tda", () => {
  it("shows its help and ends with 0 where it is asked for, with 2 where it is not", async () => {
    const asked = await runTda(["--help"], folder);
    expect(asked.code).toBe(0);
    expect(asked.stdout).toContain("npx --no-install tda");
    expect((await runTda([], folder)).code).toBe(2);
    expect((await runTda(["compute"], folder)).code).toBe(2);
    expect((await runTda(["no-such-command"], folder)).code).toBe(2);
  });

  it("never says bare npx tda, which is a stranger's package", async () => {
    const texts = await Promise.all(
      [["--help"], ["serve", "--help"], ["doctor", "--help"]].map((args) => runTda(args, folder)),
    );
    for (const { stdout } of texts) expect(stdout).not.toMatch(/npx tda/);
  });

  it("prints its version", async () => {
    const version = (await runTda(["--version"], folder)).stdout.trim();
    expect(version).toMatch(/^\d+\.\d+\.\d+$/);
    expect((await runTda(["version"], folder)).stdout).toContain(version);
  });
});

describe("tda config print", () => {
  it("shows values with their sources and no secret", async () => {
    writeFileSync(join(folder, "tda.toml"), 'api_port = 8123\ndatabase_url = "postgresql://u:hunter2@db.example/x"\n');
    const env = { TDA_CONFIG_FILE: "tda.toml", API_HOST: "localhost" };
    const { code, stdout } = await runTda(["config", "print"], folder, { env });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^API_PORT +8123 .*tda\.toml$/m);
    expect(stdout).toMatch(/^API_HOST +localhost .*environment$/m);
    expect(stdout).toMatch(/^JWT_ALGORITHM +RS256$/m);
    expect(stdout).not.toContain("hunter2");

    const asJson = await runTda(["config", "print", "--json"], folder, { env });
    const { settings } = JSON.parse(asJson.stdout) as { settings: { name: string; value: string; source: string }[] };
    expect(settings).toContainEqual({ name: "API_PORT", value: "8123", source: "tda.toml" });
    expect(asJson.stdout).not.toContain("hunter2");
  });

  it("ends with 2 and a sentence where a setting is wrong", async () => {
    const { code, stderr } = await runTda(["config", "print"], folder, { env: { TDA_DATADIR: "x" } });
    expect(code).toBe(2);
    expect(stderr).toContain("TDA_DATA_DIR");
  });
});

describe("tda doctor", () => {
  const healthy = { ...withoutNativeEngine, API_PORT: "0", DATABASE_URL: "postgresql://localhost/x" };

  it("ends with 0 where everything is here", async () => {
    const { code, stdout } = await runTda(["doctor"], folder, { env: healthy });
    expect(code, stdout).toBe(0);
    expect(stdout).toMatch(/^✓ Node\.js/m);
  });

  it("names a port that is taken, with the fix", async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
    const { port } = taken.address() as AddressInfo;
    const { code, stdout } = await runTda(["doctor"], folder, { env: { ...healthy, API_PORT: String(port) } });
    taken.close();
    expect(code).toBe(1);
    expect(stdout).toMatch(new RegExp(`^✗ Port ${port}`, "m"));
    expect(stdout).toContain("API_PORT=");
  });

  it("names an engine that is not there, with the fix", async () => {
    const env = { TDA_ENGINE_HOST_EXECUTABLE: join(folder, "no-engine"), API_PORT: "0" };
    const { code, stdout } = await runTda(["doctor"], folder, { env });
    expect(code).toBe(1);
    expect(stdout).toMatch(/^✗ Engine host .*no-engine/m);
    expect(stdout).toContain("npm start");
  });

  it("names a data folder that is a file", async () => {
    writeFileSync(join(folder, "file"), "");
    const { code, stdout } = await runTda(["doctor"], folder, { env: { ...healthy, TDA_DATA_DIR: "file" } });
    expect(code).toBe(1);
    expect(stdout).toMatch(/^✗ Data folder/m);
  });

  it("tells wrong settings and goes on", async () => {
    const { code, stdout } = await runTda(["doctor"], folder, { env: { API_PORT: "eighty" } });
    expect(code).toBe(1);
    expect(stdout).toMatch(/^✗ Settings .*API_PORT/m);
    expect(stdout).toMatch(/Java/);
  });

  it("leaves no trace", async () => {
    const fresh = join(folder, "fresh");
    mkdirSync(fresh);
    await runTda(["doctor"], fresh, { env: healthy });
    const { readdirSync } = await import("node:fs");
    expect(readdirSync(fresh)).toEqual([]);
  });
});
