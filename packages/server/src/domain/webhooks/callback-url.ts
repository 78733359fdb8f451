/** What a callback URL has to be. Where it leads is looked at when it is called: names can come to mean other addresses. */
export const CALLBACK_URL_RULE = "Must be an http or https URL without credentials and fragment.";

export function isCallbackUrl(text: string): boolean {
  const url = URL.parse(text);
  const isPlain = url !== null && url.username === "" && url.password === "" && url.hash === "";
  return isPlain && (url.protocol === "https:" || url.protocol === "http:");
}
