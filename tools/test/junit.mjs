// Counts from the JUnit XML that ctest and pytest write.
import { readFileSync } from "node:fs";

export function countsFromJunit(file) {
  let xml;
  try {
    xml = readFileSync(file, "utf8");
  } catch {
    return {};
  }
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for (const [suite] of xml.matchAll(/<testsuite\s[^>]*>/g)) {
    const number = (name) => Number(new RegExp(`\\b${name}="(\\d+)"`).exec(suite)?.[1] ?? 0);
    const failed = number("failures") + number("errors");
    const skipped = number("skipped") + number("disabled");
    counts.failed += failed;
    counts.skipped += skipped;
    counts.passed += number("tests") - failed - skipped;
  }
  return counts;
}
