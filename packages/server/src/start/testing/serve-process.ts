/** A server in a process of its own, for tests: tells on standard output when it is ready, and why it did not start. */
import { serve } from "../serve.ts";

try {
  const running = await serve({ env: process.env, renewLocalKey: process.argv.includes("--new-local-key") });
  const { url, firstStart } = running;
  process.stdout.write(`${JSON.stringify({ url, firstStart })}\n`);
  process.exitCode = await running.finished;
} catch (error) {
  process.stdout.write(`${JSON.stringify({ error: (error as Error).name, message: (error as Error).message })}\n`);
  process.exitCode = 1;
}
