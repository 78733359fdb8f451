/** The server cannot start. The message is one sentence for whoever starts it, with the fix where there is one. */
export class StartError extends Error {
  override readonly name = "StartError";
}
