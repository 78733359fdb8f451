import { Counter, type Histogram, type Registry } from "prom-client";

/** What requests of one method, route and status have in common. */
interface Series {
  readonly method: string;
  /** Pattern of the route, never the raw URL. */
  readonly endpoint: string;
  readonly status: number;
  count: number;
}

/** Times of one method and route. */
interface Durations {
  readonly method: string;
  readonly endpoint: string;
  readonly bySeries: Map<number, Series>;
  /** Requests by bucket, each in one; the last bucket has no bound. */
  readonly buckets: number[];
  seconds: number;
}

const labelNames = ["method", "endpoint", "status"] as const;
type Label = (typeof labelNames)[number];

const COUNTER = {
  name: "tda_api_requests_total",
  help: "Requests by method, route and status.",
  labelNames,
};
const DURATION = {
  name: "tda_api_request_duration_seconds",
  help: "Time from the head of a request to the end of its answer.",
  type: "histogram",
  aggregator: "sum",
};
/** Upper bounds in seconds. */
const BOUNDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/**
 * The two metrics that every request counts into. The library's own find a series by a text made of its labels, which takes
 * longer than all of the counting: here series are objects, and the library sees them when metrics are read.
 */
export class RequestMetrics {
  readonly #methods = new Map<string, Map<string, Durations>>();

  constructor(registry: Registry) {
    const fill = (counter: Counter<Label>) => this.#fill(counter);
    new Counter({
      ...COUNTER,
      registers: [registry],
      collect() {
        fill(this);
      },
    });
    const read = async () => ({ ...DURATION, values: [...this.#times()] });
    // What the registry asks of a metric; its types know only the library's own kinds.
    registry.registerMetric({ ...DURATION, get: read } as unknown as Histogram);
  }

  observe(method: string, endpoint: string, status: number, seconds: number): void {
    const durations = this.#methods.get(method)?.get(endpoint) ?? this.#add(method, endpoint);
    let series = durations.bySeries.get(status);
    if (series === undefined) {
      series = { method, endpoint, status, count: 0 };
      durations.bySeries.set(status, series);
    }
    series.count++;
    durations.seconds += seconds;
    let bucket = 0;
    while (bucket < BOUNDS.length && seconds > BOUNDS[bucket]!) bucket++;
    durations.buckets[bucket]!++;
  }

  #add(method: string, endpoint: string): Durations {
    const added = { method, endpoint, bySeries: new Map(), buckets: Array(BOUNDS.length + 1).fill(0), seconds: 0 };
    const ofMethod = this.#methods.get(method) ?? new Map<string, Durations>();
    this.#methods.set(method, ofMethod.set(endpoint, added));
    return added;
  }

  *#all(): Iterable<Durations> {
    for (const ofMethod of this.#methods.values()) yield* ofMethod.values();
  }

  #fill(counter: Counter<Label>): void {
    counter.reset();
    for (const { bySeries } of this.#all()) {
      for (const { method, endpoint, status, count } of bySeries.values())
        counter.inc({ method, endpoint, status }, count);
    }
  }

  /** Cumulative, as Prometheus reads them. */
  *#times() {
    for (const { method, endpoint, buckets, seconds } of this.#all()) {
      const labels = { method, endpoint };
      let count = 0;
      for (const [i, inBucket] of buckets.entries()) {
        count += inBucket;
        yield { metricName: `${DURATION.name}_bucket`, labels: { le: BOUNDS[i] ?? "+Inf", ...labels }, value: count };
      }
      yield { metricName: `${DURATION.name}_sum`, labels, value: seconds };
      yield { metricName: `${DURATION.name}_count`, labels, value: count };
    }
  }
}
