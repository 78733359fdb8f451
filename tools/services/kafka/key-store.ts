import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

interface KeyStore {
  /** A PKCS #12 file. */
  readonly keyStore: string;
  /** Signed by itself: whoever trusts it trusts this server alone. PEM. */
  readonly certificate: string;
}

/** A new key and certificate for servers of this machine, by Java's keytool. */
export async function makeKeyStore(java: string, folder: string, password: string): Promise<KeyStore> {
  const keyStore = join(folder, "key-store.p12");
  const certificate = join(folder, "certificate.pem");
  const keytool = (...args: string[]) =>
    promisify(execFile)(join(java, "bin", "keytool"), [...args, "-alias", "server", "-keystore", keyStore], {
      // Not an argument: those are seen by every user of the machine.
      env: { TDA_KEY_STORE_PASSWORD: password, LC_ALL: "C.UTF-8" },
    });
  const key = ["-keyalg", "EC", "-groupname", "secp256r1", "-validity", "30", "-storetype", "PKCS12"];
  const name = ["-dname", "CN=localhost", "-ext", "san=dns:localhost,ip:127.0.0.1"];
  await keytool("-genkeypair", ...key, ...name, "-storepass:env", "TDA_KEY_STORE_PASSWORD");
  await keytool("-exportcert", "-rfc", "-file", certificate, "-storepass:env", "TDA_KEY_STORE_PASSWORD");
  return { keyStore, certificate: await readFile(certificate, "utf8") };
}
