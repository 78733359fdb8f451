import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { settingDefinitions } from "@tda-platform/contract/settings";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { loadSettings, SettingsError } from "./settings.ts";

let workingDir: string;
beforeEach(() => {
  workingDir = mkdtempSync(join(tmpdir(), "tda-settings-"));
});
afterEach(() => rmSync(workingDir, { recursive: true }));

const load = (env: Record<string, string> = {}) => loadSettings(env, { workingDir });

/** The name of the setting that stops the start. */
function refused(env: Record<string, string>): string {
  try {
    load(env);
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    expect(error.message).toMatch(/^[^\n]+[.?]$/);
    return error.setting;
  }
  return "accepted";
}

const pem = (bits: number) =>
  generateKeyPairSync("rsa", { modulusLength: bits }).privateKey.export({ type: "pkcs8", format: "pem" }).toString();

describe("defaults", () => {
  test("are those of the seed, listening on loopback only", () => {
    expect(load()).toMatchObject({
      apiHost: "127.0.0.1",
      apiPort: 8000,
      apiWorkers: 1,
      databaseUrl: null,
      redisUrl: null,
      kafkaBootstrapServers: null,
      kafkaTopicPrefix: "tda_",
      jwtSecretKey: null,
      jwtAlgorithm: "RS256",
      featureEnableCaching: true,
      featureEnableMetrics: true,
      featureEnableTracing: false,
      featureEnableAuthentication: true,
      featureMockCppEngine: false,
      dataDir: join(workingDir, ".tda"),
    });
  });

  test("what is left to the machine is worked out", () => {
    const settings = load({ TDA_ENGINE_HOSTS: "3" });
    expect(settings.maxConcurrentComputations).toBe(3);
    expect(settings.memoryLimitBytes).toBeGreaterThan(2 ** 20);
    expect(load({ TDA_MEMORY_LIMIT_BYTES: "2GiB" }).memoryLimitBytes).toBe(2 ** 31);
  });

  test("lie within their own limits", () => {
    for (const definition of Object.values(settingDefinitions)) {
      if (!("minimum" in definition) || typeof definition.default !== "number") continue;
      expect(definition.default, definition.name).toBeGreaterThanOrEqual(definition.minimum);
      expect(definition.default, definition.name).toBeLessThanOrEqual(definition.maximum);
    }
  });
});

describe("sources", () => {
  test("the environment wins over the file, the file over the default, and each is told", () => {
    writeFileSync(
      join(workingDir, "tda.toml"),
      'api_port = 9000\nTDA_LOG_LEVEL = "debug"\nfeature_enable_caching = false\n',
    );
    const settings = load({ TDA_CONFIG_FILE: "tda.toml", API_PORT: "9001" });
    expect(settings).toMatchObject({ apiPort: 9001, logLevel: "debug", featureEnableCaching: false });
    expect(settings.sources).toMatchObject({
      apiPort: { from: "environment" },
      logLevel: { from: "file", file: "tda.toml" },
      apiHost: { from: "default" },
    });
  });

  test("`.env` of the working folder is read, and may serve other programs", () => {
    writeFileSync(join(workingDir, ".env"), "API_PORT=9002 # ours\nPOSTGRES_PASSWORD=theirs\n");
    expect(load().apiPort).toBe(9002);
  });

  test("an empty value counts as not given", () => {
    expect(load({ REDIS_URL: "", API_PORT: "" }).apiPort).toBe(8000);
  });

  test("lists come from TOML and from the environment", () => {
    writeFileSync(join(workingDir, "tda.toml"), 'TDA_CORS_ORIGINS = ["https://a.example", "https://b.example"]\n');
    expect(load({ TDA_CONFIG_FILE: "tda.toml" }).corsOrigins).toEqual(["https://a.example", "https://b.example"]);
    expect(load({ TDA_CORS_ORIGINS: "https://a.example, https://b.example" }).corsOrigins).toHaveLength(2);
  });
});

describe("a wrong value stops the start", () => {
  test.each([
    ["API_PORT", "80x"],
    ["API_PORT", "65536"],
    ["API_PORT", "-1"],
    ["API_HOST", "127.0.0.256"],
    ["API_HOST", "http://localhost"],
    ["DATABASE_URL", "mysql://localhost/tda"],
    ["JWT_ALGORITHM", "HS256"],
    ["JWT_ALGORITHM", "none"],
    ["FEATURE_ENABLE_CACHING", "maybe"],
    ["TDA_BODY_LIMIT_BYTES", "1MB"],
    ["TDA_SYNC_LIMIT_SECONDS", "0"],
    ["TDA_MAX_DIMENSION", "17"],
    ["TDA_LOG_LEVEL", "loud"],
    ["TDA_CORS_ORIGINS", "*"],
    ["TDA_CORS_ORIGINS", "https://a.example/path"],
    ["TDA_DATABASE_ACCOUNT", "root"],
    ["TDA_DATABASE_OWNER_URL", "postgresql://owner@localhost/tda"],
    ["TDA_CONFIG_FILE", "missing.toml"],
  ])("%s=%s", (name, value) => {
    expect(refused({ [name]: value })).toBe(name);
  });

  test.each(["ed25519", "rsa"] as const)("a signing key that is no RSA key of 2048 bits: %s", (type) => {
    const key =
      type === "rsa"
        ? pem(1024)
        : generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" }).toString();
    expect(refused({ JWT_SECRET_KEY: key })).toBe("JWT_SECRET_KEY");
    expect(refused({ JWT_SECRET_KEY: "secret" })).toBe("JWT_SECRET_KEY");
  });

  test("a good signing key is taken, also with \\n for line ends", () => {
    const key = pem(2048);
    expect(load({ JWT_SECRET_KEY: key.replaceAll("\n", "\\n") }).jwtSecretKey).toBe(key);
  });

  test("a secret is never in the sentence", () => {
    expect(() => load({ DATABASE_URL: "oracle://me:hunter2@host" })).toThrow(/^(?!.*hunter2)/s);
    expect(() => load({ JWT_SECRET_KEY: "hunter2" })).toThrow(/^(?!.*hunter2)/s);
  });
});

describe("an unknown name stops the start", () => {
  test("in the environment when it is one of ours, with the nearest name", () => {
    expect(() => load({ TDA_DATADIR: "x" })).toThrow(/TDA_DATA_DIR/);
    expect(refused({ TDA_COMPLETELY_ELSE_WHERE: "x" })).toBe("TDA_COMPLETELY_ELSE_WHERE");
    expect(refused({ SOMEONE_ELSES: "x", PATH: "/bin" })).toBe("accepted");
  });

  test("in a configuration file whatever it is", () => {
    writeFileSync(join(workingDir, "tda.toml"), "api_prot = 9000\n");
    expect(() => load({ TDA_CONFIG_FILE: "tda.toml" })).toThrow(/API_PORT/);
    writeFileSync(join(workingDir, "other.env"), "API_PROT=9000\n");
    expect(() => load({ TDA_CONFIG_FILE: "other.env" })).toThrow(/API_PORT/);
  });

  test("but not those of clients, tests and tools", () => {
    expect(refused({ TDA_API_KEY: "x", TDA_SERVER_URL: "x", TDA_TEST_SCALE: "1" })).toBe("accepted");
  });
});

describe("Kafka", () => {
  test("name and password belong to SASL, and SASL to them", () => {
    const sasl = { KAFKA_SASL_USERNAME: "u", KAFKA_SASL_PASSWORD: "p" };
    const kafka = { KAFKA_BOOTSTRAP_SERVERS: "a:1,b:2" };
    expect(refused(kafka)).toBe("accepted");
    expect(refused({ ...kafka, ...sasl })).toBe("KAFKA_SECURITY_PROTOCOL");
    expect(refused({ ...kafka, KAFKA_SECURITY_PROTOCOL: "SASL_SSL" })).toBe("KAFKA_SECURITY_PROTOCOL");
    expect(refused({ ...kafka, ...sasl, KAFKA_SECURITY_PROTOCOL: "SASL_SSL" })).toBe("accepted");
    expect(refused({ KAFKA_TOPIC_PREFIX: "a/b" })).toBe("KAFKA_TOPIC_PREFIX");
  });
});

describe("what cannot be served is refused, not ignored", () => {
  test.each([["FEATURE_ENABLE_TRACING", "true"]])("%s=%s", (name, value) => {
    expect(refused({ [name]: value })).toBe(name);
  });
});

describe("safe by default", () => {
  test.each(["127.0.0.1", "localhost", "::1", "[::1]", "127.1.2.3"])("no authentication on %s is accepted", (host) => {
    expect(refused({ API_HOST: host, FEATURE_ENABLE_AUTHENTICATION: "false" })).toBe("accepted");
  });

  test.each(["0.0.0.0", "::", "192.168.1.1", "example.org"])("no authentication on %s is refused", (host) => {
    expect(refused({ API_HOST: host, FEATURE_ENABLE_AUTHENTICATION: "false" })).toBe("FEATURE_ENABLE_AUTHENTICATION");
    expect(refused({ API_HOST: host })).toBe("accepted");
  });

  test("the TypeScript engine is refused in production", () => {
    expect(refused({ FEATURE_MOCK_CPP_ENGINE: "true", NODE_ENV: "production" })).toBe("FEATURE_MOCK_CPP_ENGINE");
    expect(refused({ FEATURE_MOCK_CPP_ENGINE: "true" })).toBe("accepted");
  });
});

describe("TOML that is none", () => {
  test.each(["api_port = ", "[api]\nport = 1\n", "api_port = { a = 1 }\n", "api_port = [1, 2]\n"])("%j", (text) => {
    writeFileSync(join(workingDir, "tda.toml"), text);
    expect(refused({ TDA_CONFIG_FILE: "tda.toml" })).not.toBe("accepted");
  });
});
