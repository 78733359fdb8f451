import { nameWindow } from "./firing.ts";
import type { OpenWindow } from "./key-state.ts";
import type { LateCode } from "./outcomes.ts";
import { settleByWatermark } from "./tumbling-sliding.ts";
import { type Arrival, firstEndingAfter, openWindow, type WindowKind } from "./window-kind.ts";

/** Sessions that a point joins: they are closer than the gap to it, so that they lie side by side. Two at most, since sessions are a gap apart. */
function joined({ state: { windows }, definition: { gap_ms: gap }, t }: Arrival): {
  place: number;
  sessions: OpenWindow[];
} {
  const place = firstEndingAfter(windows, t);
  let to = place;
  while (to < windows.length && (windows[to] as OpenWindow).start - gap < t) to++;
  return { place, sessions: windows.slice(place, to) };
}

function lowest(sessions: readonly OpenWindow[]): OpenWindow {
  return sessions.reduce((least, session) => (session.seq < least.seq ? session : least));
}

function judge(arrival: Arrival): LateCode | null {
  const { state, definition, t } = arrival;
  const { sessions } = joined(arrival);
  if (sessions.length === 0) {
    return t + definition.gap_ms + definition.allowed_lateness_ms <= state.watermark ? "window_closed" : null;
  }
  return lowest(sessions).fired > definition.max_revisions ? "revisions_exhausted" : null;
}

function take(arrival: Arrival): readonly OpenWindow[] {
  const { state, definition, origin, t, outcomes } = arrival;
  const { place, sessions } = joined(arrival);
  const end = t + definition.gap_ms;
  if (sessions.length === 0) {
    const session = openWindow(arrival, t, end);
    state.windows.splice(place, 0, session);
    return end <= state.watermark ? [session] : [];
  }
  const kept = lowest(sessions);
  const absorbed = sessions.filter((session) => session !== kept).sort((a, b) => a.seq - b.seq);
  for (const session of absorbed) {
    if (session.fired === 0) continue;
    outcomes.push({ kind: "retraction", window: nameWindow(origin, definition, session), supersededBy: kept.seq });
  }
  kept.start = Math.min(t, (sessions[0] as OpenWindow).start);
  kept.end = Math.max(end, (sessions.at(-1) as OpenWindow).end);
  state.windows.splice(place, sessions.length, kept);
  return kept.end <= state.watermark ? [kept] : [];
}

/** [first, last + gap): points closer than the gap are together. */
export const session: WindowKind = { judge, take, settle: settleByWatermark };
