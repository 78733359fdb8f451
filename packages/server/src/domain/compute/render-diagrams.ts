/**
 * Diagrams as JSON text: `diagrams[k]` a flat birth, death, … array, an essential death null. Numbers are written in the
 * shortest form that reads back as the same float64 (ECMAScript), so equal diagrams have equal bytes.
 */
export function renderDiagrams(diagrams: readonly Float64Array[]): string {
  return `[${diagrams.map(renderDiagram).join(",")}]`;
}

function renderDiagram(pairs: Float64Array): string {
  let text = "";
  for (let i = 0; i < pairs.length; i += 2) {
    const death = pairs[i + 1]!;
    text += `${i === 0 ? "" : ","}[${pairs[i]!},${death === Number.POSITIVE_INFINITY ? "null" : death}]`;
  }
  return `[${text}]`;
}
