import { afterEach, describe, expect, it } from "vitest";
import { Api } from "./support/http.ts";
import { randomPoints, unitSquare } from "./support/inputs.ts";
import { until } from "./support/poll.ts";
import { signalQuietly } from "./support/processes.ts";
import { externalUrl, Product } from "./support/product.ts";
import { refusedStart } from "./support/refused-start.ts";
import { computed } from "./support/shapes.ts";

let product: Product | undefined;
afterEach(() => product?.dispose());

describe.skipIf(externalUrl !== undefined)("kill -9 of the embedded database", () => {
  it("the server says so, and answers again or ends", async () => {
    const started = await Product.launch({ env: { FEATURE_ENABLE_AUTHENTICATION: "true" } });
    product = started;
    await started.settled();
    const api = new Api(started.url, started.apiKey);
    computed(await api.compute({ points: unitSquare }));
    const databases = started.named("postgres");
    expect(databases.length).toBeGreaterThan(0);
    for (const { pid } of databases) signalQuietly(pid, "SIGKILL");
    const after = await until("an answer or the end", async () => {
      const answer = await api.compute({ points: randomPoints(12, 2, 120) }).catch(() => undefined);
      if (answer !== undefined) expect([200, 503]).toContain(answer.status);
      return answer?.status === 200 ? "answers" : started.child.exitCode !== null && "ended";
    });
    expect(["answers", "ended"]).toContain(after);
  });
});

describe.skipIf(externalUrl !== undefined)("a start", () => {
  it("on a data folder whose database another server runs is refused, and that server goes on", async () => {
    const first = await Product.launch();
    product = first;
    await first.settled();
    await refusedStart({}, /use|running|TDA_DATA_DIR/, { dataDir: first.dataDir });
    computed(await first.api.compute({ points: unitSquare }));
  });
});
