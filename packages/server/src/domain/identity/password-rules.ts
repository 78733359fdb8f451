import { PASSWORD_MAX_CHARACTERS, PASSWORD_MIN_CHARACTERS } from "@tda-platform/contract/limits";
import { problemAt } from "../problem.ts";

const LEAST_DIFFERENT_CHARACTERS = 6;

/** The form in which a password is hashed: what looks the same is typed differently by keyboards (NIST SP 800-63B, 5.1.1.2). */
export function normalPassword(password: string): string {
  return password.normalize("NFKC");
}

/** Length is what counts; what is left out is what guessers try first. @throws ProblemError `weak_password`. */
export function checkPassword(password: string, username: string, pointer: string): void {
  const characters = [...normalPassword(password)];
  const refuse = (detail: string) => {
    throw problemAt("weak_password", pointer, detail);
  };
  if (characters.length < PASSWORD_MIN_CHARACTERS) refuse(`At least ${PASSWORD_MIN_CHARACTERS} characters are needed.`);
  if (characters.length > PASSWORD_MAX_CHARACTERS) refuse(`At most ${PASSWORD_MAX_CHARACTERS} characters are taken.`);
  if (new Set(characters).size < LEAST_DIFFERENT_CHARACTERS) refuse("Too few different characters.");
  const [small, name] = [password.toLowerCase(), username.split("@")[0]!.toLowerCase()];
  if (small.includes(name) && characters.length - name.length < PASSWORD_MIN_CHARACTERS) {
    refuse("It is little more than the user name.");
  }
}
