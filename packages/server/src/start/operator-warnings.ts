import type { LocalKey } from "../adapters/database/first-rows.ts";
import type { Settings } from "../config/settings.ts";

export const firstKeyWarning = "The first administrator key is still in use: `tda serve --new-local-key` replaces it.";

/** What operators should attend to, a sentence each: in the log at start, and in `/health/ready`. */
export function operatorWarnings(settings: Settings, localKey: LocalKey): readonly string[] {
  const warnings: string[] = [];
  if (!settings.featureEnableAuthentication) {
    warnings.push("Authentication is off: every program on this machine can use the server as administrator.");
  }
  if (settings.featureMockCppEngine)
    warnings.push("The TypeScript engine is in use: exact, slow, and limited in size.");
  if (!settings.featureEnableAuthentication) return warnings;
  if (localKey.state === "missing") {
    warnings.push(`${localKey.keyFile} does not hold a valid key: \`tda serve --new-local-key\` makes another.`);
  } else if (localKey.isFirstInUse) {
    warnings.push(firstKeyWarning);
  }
  return warnings;
}
