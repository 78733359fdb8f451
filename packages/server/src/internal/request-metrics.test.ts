import fc from "fast-check";
import { Counter, Histogram, Registry } from "prom-client";
import { expect, test } from "vitest";
import { RequestMetrics } from "./request-metrics.ts";

const observation = fc.tuple(
  fc.constantFrom("GET", "POST"),
  fc.constantFrom("/a", "/b", "unmatched"),
  fc.constantFrom(200, 404, 503),
  fc.oneof(fc.constantFrom(0, 0.001, 0.0025, 60, 61), fc.double({ min: 0, max: 100, noNaN: true })),
);

const linesOf = async (registry: Registry) => (await registry.metrics()).split("\n").sort();

test("metrics read as the library's own would", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(observation, { maxLength: 50 }), async (observations) => {
      const ours = new Registry();
      const metrics = new RequestMetrics(ours);
      const theirs = new Registry();
      const registers = [theirs];
      const labelNames = ["method", "endpoint"];
      const [name, durationName] = ["tda_api_requests_total", "tda_api_request_duration_seconds"];
      const help = "Requests by method, route and status.";
      const durationHelp = "Time from the head of a request to the end of its answer.";
      const counter = new Counter({ name, help, labelNames: [...labelNames, "status"], registers });
      const buckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
      const histogram = new Histogram({ name: durationName, help: durationHelp, labelNames, buckets, registers });
      for (const [method, endpoint, status, seconds] of observations) {
        metrics.observe(method, endpoint, status, seconds);
        counter.inc({ method, endpoint, status });
        histogram.observe({ method, endpoint }, seconds);
      }
      // Read twice: reading changes nothing.
      await ours.metrics();
      expect(await linesOf(ours)).toEqual(await linesOf(theirs));
    }),
    { numRuns: 50 },
  );
});
