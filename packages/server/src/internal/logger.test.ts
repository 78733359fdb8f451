import { spawn } from "node:child_process";
import { once } from "node:events";
import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { createLogger } from "./logger.ts";

function written(log: (logger: ReturnType<typeof createLogger>) => void, format: "json" | "pretty" | "auto"): string {
  const stream = new PassThrough();
  log(createLogger({ level: "info", format, stream }));
  return String(stream.read() ?? "");
}

test("secrets are redacted wherever they are logged", () => {
  const text = written((logger) => {
    logger.info({
      apiKey: "s3cret",
      options: { password: "s3cret" },
      headers: { "x-api-key": "s3cret", authorization: "s3cret" },
    });
    logger.info({ req: { headers: { cookie: "s3cret" } } });
  }, "json");
  expect(text).not.toContain("s3cret");
});

test("lines are JSON where nobody reads them, with a time", () => {
  const line = JSON.parse(written((logger) => logger.warn({ a: 1 }, "words"), "auto")) as Record<string, unknown>;
  expect(line).toMatchObject({ level: 40, a: 1, msg: "words" });
  expect(String(line.time)).toMatch(/^\d{4}-\d\d-\d\dT.*Z$/);
});

test("lines below the level are not written", () => {
  expect(written((logger) => logger.debug("words"), "json")).toBe("");
});

test("the last lines before an exit are written, and lines do not wait for others", async () => {
  const program = `
    import { createLogger } from ${JSON.stringify(new URL("./logger.ts", import.meta.url).href)};
    const logger = createLogger({ level: "info", format: "json" });
    logger.info("first");
    process.stdin.once("data", () => {
      logger.info("last");
      process.exit(3);
    });`;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", program], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  let text = "";
  child.stdout.on("data", (chunk: Buffer) => {
    text += chunk.toString();
    if (text.includes("first") && !child.stdin.writableEnded) child.stdin.end("go");
  });
  const [code] = await once(child, "close");
  expect(code).toBe(3);
  expect(
    text
      .trimEnd()
      .split("\n")
      .map((line) => (JSON.parse(line) as { msg: string }).msg),
  ).toEqual(["first", "last"]);
});
