import {
  STREAM_CHANGE_DEFAULTS,
  STREAM_CHANGE_REQUEST_SCHEMA,
  STREAM_REQUEST_SCHEMA,
  STREAM_WINDOW_OVERLAP,
  type StreamChangeRequest,
  type StreamRequest,
  type StreamSettings,
} from "@tda-platform/contract/streams";
import { compileSchema, type Finding, refuseFindings } from "../input/schema-validation.ts";
import { CALLBACK_URL_RULE, isCallbackUrl } from "../webhooks/callback-url.ts";

const findRequestErrors = compileSchema(STREAM_REQUEST_SCHEMA);
const findChangeErrors = compileSchema(STREAM_CHANGE_REQUEST_SCHEMA);

/** The sizes that belong to a type of window; all others must be null. */
const WINDOW_SIZES = {
  tumbling: ["size_ms"],
  sliding: ["size_ms", "slide_ms"],
  session: ["gap_ms"],
  count: ["count"],
} as const;
const SIZE_NAMES = ["size_ms", "slide_ms", "gap_ms", "count"] as const;

/** The definition that a request asks for, defaults filled in. @throws ProblemError with every place that is wrong. */
export function readStreamRequest(body: unknown, maxDimension: number): StreamSettings {
  refuseFindings(findRequestErrors(body));
  const settings = withDefaults(body as StreamRequest);
  refuseFindings(findConflicts(settings, body as StreamRequest, maxDimension));
  return settings;
}

/** The present definition with the given fields in place of its own. @throws ProblemError */
export function readStreamChange(body: unknown): StreamChangeRequest {
  refuseFindings(findChangeErrors(body));
  return body as StreamChangeRequest;
}

/** @throws ProblemError */
export function changedSettings(
  present: StreamSettings,
  change: StreamChangeRequest,
  maxDimension: number,
): StreamSettings {
  if (change.point_dimension !== undefined && change.point_dimension !== present.point_dimension) {
    const detail = `A stream's points have the same dimension for ever, here ${present.point_dimension}: make another stream.`;
    refuseFindings([{ code: "validation_failed", pointer: "/point_dimension", detail }]);
  }
  // Without its output the score's own settings go as well, unless they are given.
  const { change: score, ...rest } = present;
  const kept = score === null || change.outputs?.includes("change_score") === false ? rest : present;
  const asked = { ...kept, ...change } as StreamRequest;
  const settings = withDefaults(asked);
  refuseFindings(findConflicts(settings, asked, maxDimension));
  return settings;
}

function withDefaults(request: StreamRequest): StreamSettings {
  const { window, embedding, compute = {}, alerts = [] } = request;
  const outputs = request.outputs ?? ["diagrams"];
  return {
    name: request.name,
    point_dimension: request.point_dimension,
    window: {
      type: window.type,
      size_ms: window.size_ms ?? null,
      slide_ms: window.slide_ms ?? null,
      gap_ms: window.gap_ms ?? null,
      count: window.count ?? null,
    },
    out_of_orderness_ms: request.out_of_orderness_ms ?? 0,
    allowed_lateness_ms: request.allowed_lateness_ms ?? 0,
    max_revisions: request.max_revisions ?? 5,
    idle_timeout_ms: request.idle_timeout_ms ?? null,
    embedding: {
      type: embedding?.type ?? "none",
      dimension: embedding?.dimension ?? null,
      delay: embedding?.delay ?? 1,
      skip: embedding?.skip ?? 1,
    },
    compute: {
      algorithm: "vietoris-rips",
      max_dimension: compute.max_dimension ?? 1,
      threshold: compute.threshold ?? null,
    },
    max_points_per_window: request.max_points_per_window ?? 500,
    outputs,
    change: outputs.includes("change_score") ? changeWithDefaults(request.change) : null,
    alerts: alerts.map((rule) => ({
      name: rule.name,
      level: rule.level,
      run_length: rule.run_length ?? 1,
      cool_down: rule.cool_down ?? 0,
      callback_url: rule.callback_url ?? null,
    })),
    delivery: "effectively_once",
  };
}

function changeWithDefaults(change: StreamRequest["change"]): NonNullable<StreamSettings["change"]> {
  return {
    distance: change?.distance ?? STREAM_CHANGE_DEFAULTS.distance,
    p: change?.p ?? STREAM_CHANGE_DEFAULTS.p,
    dimensions: change?.dimensions ?? STREAM_CHANGE_DEFAULTS.dimensions,
    history: change?.history ?? STREAM_CHANGE_DEFAULTS.history,
  };
}

/** What the schema can't say: fields that contradict each other. */
function findConflicts(settings: StreamSettings, asked: StreamRequest, maxDimension: number): Finding[] {
  const findings: Finding[] = [];
  const add = (pointer: string, detail: string, code: Finding["code"] = "validation_failed"): void => {
    findings.push({ code, pointer, detail });
  };
  checkWindow(settings.window, add);
  const { embedding, compute, outputs, change, alerts } = settings;
  if (embedding.type === "takens" && embedding.dimension === null) {
    add("/embedding/dimension", "Required with the embedding takens.");
  }
  if (embedding.type === "none" && (embedding.dimension !== null || embedding.delay !== 1 || embedding.skip !== 1)) {
    add("/embedding", "Dimension, delay and skip belong to the embedding takens.");
  }
  if (compute.max_dimension > maxDimension) {
    const detail = `The highest dimension of this server is ${maxDimension}.`;
    add("/compute/max_dimension", detail, "dimension_limit_exceeded");
  }
  if (!outputs.includes("change_score")) {
    if (asked.change != null && !isStandardChange(asked.change)) add("/change", "Only with the output change_score.");
    if (alerts.length > 0) add("/alerts", "Alerts are of the output change_score, which is not asked for.");
  }
  for (const [index, dimension] of (change?.dimensions ?? []).entries()) {
    if (dimension <= compute.max_dimension) continue;
    const place = asked.change?.dimensions === undefined ? "/change/dimensions" : `/change/dimensions/${index}`;
    add(place, `Dimension ${dimension} is above compute.max_dimension, which is ${compute.max_dimension}.`);
  }
  const names = new Set<string>();
  for (const [index, { name, callback_url: url }] of alerts.entries()) {
    if (names.has(name)) add(`/alerts/${index}/name`, "Another rule has this name.");
    names.add(name);
    if (url !== null && !isCallbackUrl(url)) {
      add(`/alerts/${index}/callback_url`, CALLBACK_URL_RULE, "invalid_callback_url");
    }
  }
  return findings;
}

function checkWindow(window: StreamSettings["window"], add: (pointer: string, detail: string) => void): void {
  const needed: readonly string[] = WINDOW_SIZES[window.type];
  for (const name of SIZE_NAMES) {
    if (needed.includes(name) && window[name] === null) add(`/window/${name}`, `Required of ${window.type} windows.`);
    if (!needed.includes(name) && window[name] !== null) add(`/window/${name}`, `${window.type} windows have none.`);
  }
  const { type, size_ms: size, slide_ms: slide } = window;
  if (type !== "sliding" || size === null || slide === null) return;
  if (slide > size) add("/window/slide_ms", "Must be at most size_ms: no window would hold what lies between.");
  else if (size > STREAM_WINDOW_OVERLAP * slide) {
    add(
      "/window/slide_ms",
      `Must be at least 1/${STREAM_WINDOW_OVERLAP} of size_ms: each point is in so many windows.`,
    );
  }
}

/** What the documentation shows as defaults may be sent as well. */
function isStandardChange(change: NonNullable<StreamRequest["change"]>): boolean {
  return JSON.stringify(changeWithDefaults(change)) === JSON.stringify(STREAM_CHANGE_DEFAULTS);
}
