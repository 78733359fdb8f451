/** A setting is wrong. The message is one sentence for whoever starts the server. */
export class SettingsError extends Error {
  override readonly name = "SettingsError";
  /** Name of the offending setting, as written in the environment. */
  readonly setting: string;

  constructor(setting: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.setting = setting;
  }
}
