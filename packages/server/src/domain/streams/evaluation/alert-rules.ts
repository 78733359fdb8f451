import type { StreamDefinition } from "@tda-platform/contract/events/stream-definition";
import type { ChangeState } from "./changes.ts";

/** Step 6 of a firing, of revision 0: names of the rules that the window sets off, in the definition's order. */
export function applyAlertRules(
  state: ChangeState,
  { alerts: rules }: Pick<StreamDefinition, "alerts">,
  zScore: number | null,
): readonly string[] {
  const alerts: string[] = [];
  rules.forEach(({ name, level, run_length: runLength, cool_down: coolDown }, i) => {
    state.rules[i] ??= { run: 0, rest: 0 };
    const rule = state.rules[i];
    rule.run = zScore !== null && zScore >= level ? rule.run + 1 : 0;
    if (rule.rest > 0) {
      rule.rest -= 1;
    } else if (rule.run >= runLength) {
      alerts.push(name);
      rule.run = 0;
      rule.rest = coolDown;
    }
  });
  return alerts;
}
