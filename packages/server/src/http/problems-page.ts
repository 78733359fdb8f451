import { PROBLEM_CODES, PROBLEMS } from "@tda-platform/contract/problems";

/** The page that `type` of every problem points into: an anchor per code. Plain HTML without scripts or styles. */
export function problemsPage(): string {
  const entries = PROBLEM_CODES.map((code) => {
    const { status, title, retryable, meaning, remedy } = PROBLEMS[code];
    return `<dt id="${code}"><b>${code}</b> (${status}) ${escapeHtml(title)}</dt>
<dd><p>${escapeHtml(meaning)}</p><p>${escapeHtml(remedy)}${retryable ? " The same request may succeed later." : ""}</p></dd>`;
  });
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Problems – TDA platform</title></head>
<body><h1>Problems</h1><p>Every error answer has one of these codes.</p><dl>
${entries.join("\n")}
</dl></body></html>
`;
}

function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
