import { pipeline, type Readable } from "node:stream";
import { Busboy, type BusboyInstance } from "@fastify/busboy";
import { ProblemError, problemAt } from "../../../domain/problem.ts";

/** The file of a form, and the fields before it. */
export interface FormFile {
  readonly name: string | null;
  readonly mediaType: string;
  readonly fields: Readonly<Record<string, string>>;
  /** Fails when the form goes on wrongly after the file. */
  readonly content: AsyncIterable<Uint8Array>;
}

const LIMITS = {
  fieldNameSize: 100,
  fieldSize: 1_000,
  fields: 8,
  files: 1,
  headerPairs: 20,
  headerSize: 8_192,
} as const;

/**
 * Reads a form up to its part `file`, whose content then comes as it arrives. Fields come before it: what is done with the
 * content depends on them. @throws ProblemError `invalid_form`, `unknown_field`.
 */
export function readFormFile(contentType: string, body: Readable, fieldNames: readonly string[]): Promise<FormFile> {
  const form = openForm(contentType);
  return new Promise((resolve, reject) => {
    const fields: Record<string, string> = {};
    let failure: Error | null = null;
    let file: Readable | null = null;
    const fail = (error: Error): void => {
      failure ??= error;
      file?.destroy(failure);
      reject(failure);
    };
    form.on("field", (name, value, isNameCut, isValueCut) => {
      if (file !== null) return fail(invalid("Fields come before the file."));
      if (!fieldNames.includes(name)) return fail(problemAt("unknown_field", `/${name}`, "This field is not known."));
      if (isNameCut || isValueCut || Object.hasOwn(fields, name))
        return fail(invalid(`The field ${name} is too long, or there twice.`));
      fields[name] = value;
    });
    form.on("file", (field, stream, fileName, _encoding, mediaType) => {
      file = stream;
      stream.on("error", () => undefined);
      if (field !== "file")
        return fail(problemAt("unknown_field", `/${field}`, "The part of the content is named file."));
      const ended = new Promise<void>((done, broken) => {
        form.once("finish", () => (failure === null ? done() : broken(failure)));
        form.once("error", broken);
      });
      ended.catch(() => undefined);
      resolve({ name: fileName || null, mediaType, fields, content: wholeFile(stream, ended, () => failure) });
    });
    form.on("filesLimit", () => fail(invalid("It has more than one file.")));
    form.on("fieldsLimit", () => fail(invalid("It has too many fields.")));
    form.once("finish", () => reject(invalid("It has no part named file.")));
    pipeline(body, form, (error) => {
      if (error != null)
        fail(
          error instanceof ProblemError || isOfConnection(error) ? error : invalid("It ends early or is malformed."),
        );
    });
  });
}

/** The content; its end is believed once the form has ended well. */
async function* wholeFile(
  stream: Readable,
  ended: Promise<void>,
  failure: () => Error | null,
): AsyncGenerator<Uint8Array> {
  try {
    yield* stream as AsyncIterable<Uint8Array>;
  } catch (error) {
    throw failure() ?? error;
  }
  await ended;
}

function openForm(contentType: string): BusboyInstance {
  try {
    return new Busboy({ headers: { "content-type": contentType }, limits: LIMITS });
  } catch {
    throw invalid("Its boundary is missing.");
  }
}

function isOfConnection(error: Error): boolean {
  return (error as NodeJS.ErrnoException).code === "ECONNRESET";
}

function invalid(reason: string): ProblemError {
  return new ProblemError("invalid_form", `The form can't be read. ${reason}`);
}
