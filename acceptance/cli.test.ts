import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type CommandEnd, startTda, tda } from "./support/command.ts";
import { endlessWork, fullMatrix, projectivePlane, randomPoints, toCsv, toNpy, unitSquare } from "./support/inputs.ts";
import { computing, inFlight } from "./support/metrics.ts";
import { until } from "./support/poll.ts";
import { processTree, signalQuietly, survivors } from "./support/processes.ts";
import { externalUrl, newFolder, Product } from "./support/product.ts";
import { type ComputeAnswer, computationId, computed } from "./support/shapes.ts";

const folder = mkdtempSync(join(tmpdir(), "tda-acceptance-cli-"));
const file = (name: string, content: string | Uint8Array): string => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};

/** Ripser's formats: row i of the strict lower triangle a line; the same numbers as float32, little-endian. */
const triangle = projectivePlane.slice(1);
const square = file("square.csv", toCsv(unitSquare));
const cloud = randomPoints(40, 3, 161);
const inputs: readonly (readonly [string, string, string[]])[] = [
  ["CSV with a header", file("header.csv", `x,y,z\n${toCsv(cloud)}`), []],
  ["CSV", file("cloud.csv", toCsv(cloud)), []],
  ["NPY of float64", file("cloud.npy", toNpy(cloud)), []],
];
const planes: readonly (readonly [string, string, string[]])[] = [
  [
    "lower-distance text",
    file("plane.lower_distance_matrix", triangle.map((row) => `${row.join(",")}\n`).join("")),
    [],
  ],
  [
    "lower-distance text with spaces",
    file("plane.txt", triangle.map((row) => `${row.join(" ")}\n`).join("")),
    ["--format", "lower-distance"],
  ],
  ["float32 binary", file("plane.ldm.bin", new Uint8Array(new Float32Array(triangle.flat()).buffer)), []],
  ["a CSV matrix", file("plane.csv", toCsv(fullMatrix(projectivePlane, 0))), ["--input-kind", "distances"]],
];

const compute = (...args: string[]): string[] => ["compute", "vietoris-rips", ...args];

function answerOf({ code, stdout, stderr }: CommandEnd): ComputeAnswer {
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout) as ComputeAnswer;
}

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.skipIf(externalUrl !== undefined)("tda compute vietoris-rips", () => {
  let product: Product;
  let env: Record<string, string>;

  beforeAll(async () => {
    product = await (
      await Product.launch({ env: { FEATURE_ENABLE_AUTHENTICATION: "true", TDA_SYNC_LIMIT_SECONDS: "86400" } })
    ).settled();
    env = { TDA_DATA_DIR: product.dataDir };
  });
  afterAll(() => product?.dispose());

  it("--json by the server prints exactly an answer of the HTTP API", async () => {
    const ours = answerOf(await tda(compute(square, "--json"), env));
    const theirs = computed(
      await product.api.call("/v1/compute/vietoris-rips", {
        headers: { "Content-Type": "text/csv", "X-API-Key": product.apiKey },
        body: readFileSync(square),
      }),
    );
    expect(ours.id).toMatch(computationId);
    expect({ ...ours, id: theirs.id }).toEqual(theirs);
  });

  it("says that an approximation is one, and how far it may be from the exact diagram", async () => {
    const [path] = [inputs[1]![1]];
    for (const where of [[], ["--local"]]) {
      const sample = await tda(
        compute(path, ...where, "--approximation", "subsample", "--subsample-points", "20"),
        env,
      );
      expect(sample.code, sample.stderr).toBe(0);
      expect(sample.stdout).toMatch(/Approximate \(subsample of 20 points\): bottleneck distance .* at most 0\.\d+/);
      const sparse = await tda(compute(path, ...where, "--approximation", "sparse-rips", "--epsilon", "0.5"), env);
      expect(sparse.code, sparse.stderr).toBe(0);
      expect(sparse.stdout).toContain("Approximate (sparse-rips): births and deaths are 1 to 2 times the exact ones.");
      const exact = await tda(compute(path, ...where), env);
      expect(exact.stdout).not.toContain("pproximat");
    }
  });

  it.each([
    [["--approximation", "sparse-rips"], "--epsilon"],
    [["--approximation", "subsample"], "--subsample-points"],
    [["--epsilon", "0.1"], "--approximation sparse-rips"],
    [["--subsample-points", "9", "--approximation", "sparse-rips", "--epsilon", "0.1"], "--approximation subsample"],
    [["--approximation", "sparse-rips", "--epsilon", "1"], "below 1"],
    [["--approximation", "guess"], "sparse-rips"],
  ])("%j is a wrong command line", async (flags, told) => {
    const end = await tda(compute(square, ...flags), env);
    expect(end.code).toBe(2);
    expect(end.stderr).toContain(told);
    expect(end.stdout).toBe("");
  });

  it("--json --local prints the same answer, from its own computation", async () => {
    const local = answerOf(await tda(compute(square, "--json", "--local"), { TDA_DATA_DIR: newFolder() }));
    const remote = answerOf(await tda(compute(square, "--json"), env));
    expect(Object.keys(local)).toEqual(Object.keys(remote));
    for (const part of ["parameters", "provenance", "statistics"] as const) {
      expect(Object.keys(local[part])).toEqual(Object.keys(remote[part]));
    }
    expect(local.provenance).toEqual(remote.provenance);
    expect(local.diagrams).toEqual(remote.diagrams);
    expect(local.id).toMatch(computationId);
  });

  it.each(inputs)("reads %s by the server and locally alike", async (_name, path, options) => {
    const expected = computed(
      await product.api.call("/v1/compute/vietoris-rips", {
        headers: { "Content-Type": "application/json", "X-API-Key": product.apiKey },
        body: JSON.stringify({ points: cloud, max_dimension: 2 }),
      }),
    );
    for (const where of [[], ["--local"]]) {
      const answer = answerOf(await tda(compute(path, "--max-dimension", "2", "--json", ...options, ...where), env));
      expect(answer.diagrams).toEqual(expected.diagrams);
    }
  });

  it("--representatives by the server and locally alike, summed up in the drawing", async () => {
    for (const kind of ["simplices", "cocycles", "cycles"]) {
      const options = [square, "--representatives", kind];
      const remote = answerOf(await tda(compute(...options, "--json"), env));
      const local = answerOf(await tda(compute(...options, "--json", "--local"), env));
      expect(remote.representatives).toHaveLength(2);
      expect(local.representatives).toEqual(remote.representatives);
    }
    const { stdout } = await tda(compute(square, "--representatives", "cycles"), env);
    expect(stdout).toContain("cycles of 4 simplices");
  });

  it.each(planes)("reads %s by the server and locally alike", async (_name, path, options) => {
    for (const where of [[], ["--local"]]) {
      const { diagrams } = answerOf(
        await tda(compute(path, "--max-dimension", "2", "--json", ...options, ...where), env),
      );
      expect(diagrams.slice(1)).toEqual([[[1, 2]], [[1, 2]]]);
    }
  });

  it("passes every parameter on", async () => {
    const options = [
      "--max-dimension",
      "2",
      "--threshold",
      "0.7",
      "--coefficient-field",
      "3",
      "--metric",
      "manhattan",
      "--threads",
      "1",
    ];
    for (const where of [[], ["--local"]]) {
      const { parameters } = answerOf(await tda(compute(inputs[1]![1], ...options, "--json", ...where), env));
      expect(parameters).toMatchObject({
        max_dimension: 2,
        threshold: 0.7,
        coefficient_field: 3,
        metric: "manhattan",
        threads: 1,
      });
    }
  });

  it("draws a barcode for people", async () => {
    for (const where of [[], ["--local"]]) {
      const { code, stdout, stderr } = await tda(compute(square, ...where), env);
      expect(code, stderr).toBe(0);
      expect(stdout).toMatch(/H0/);
      expect(stdout).toMatch(/H1/);
      expect(stdout).toMatch(/[█▏▎▍▌▋▊▉━─]/);
      expect(stdout).toContain("1.41");
      // Without a terminal there are no colours and no moving bar.
      expect(stdout + stderr).not.toContain("\u001b");
    }
  });

  it("--output writes the answer to a file", async () => {
    const path = join(folder, "diagram.json");
    const { code, stderr } = await tda(compute(square, "--output", path), env);
    expect(code, stderr).toBe(0);
    const answer = JSON.parse(readFileSync(path, "utf8")) as ComputeAnswer;
    expect(answer.diagrams[1]).toEqual([[1, Math.SQRT2]]);
  });

  it("ends with 1 and a sentence where the input is wrong", async () => {
    const wrong: [string, string, string][] = [
      ["ragged", file("ragged.csv", "0,0\n1\n"), ""],
      ["words", file("words.csv", "0,0\n1,one\n"), ""],
      ["absent", join(folder, "absent.csv"), ""],
      ["broken", file("broken.npy", "no numpy"), ""],
      ["half a float", file("half.ldm.bin", new Uint8Array(7)), ""],
    ];
    for (const [name, path] of wrong) {
      for (const where of [[], ["--local"]]) {
        const { code, stdout, stderr } = await tda(compute(path, "--json", ...where), env);
        expect(code, `${name} ${where}: ${stderr}`).toBe(1);
        expect(stdout, name).toBe("");
        expect(stderr, name).toMatch(/\S/);
        expect(stderr, name).not.toMatch(/^\s+at .+:\d+/m);
      }
    }
  });

  it("ends with 2 where the command line is wrong", async () => {
    for (const args of [
      compute(square, "--max-dimension", "two"),
      compute(square, "--metric", "hamming"),
      compute(square, "--max-dimensions", "2"),
      compute(),
      ["compute", "vietoris-ribs", square],
      ["no-such-command"],
    ]) {
      const { code, stderr } = await tda(args, env);
      expect(code, args.join(" ")).toBe(2);
      expect(stderr).toMatch(/\S/);
    }
  });

  it("ends with 1 where no server runs, and says what to do", async () => {
    const { code, stderr } = await tda(compute(square), { TDA_DATA_DIR: newFolder() });
    expect(code).toBe(1);
    expect(stderr).toMatch(/--local|npm start/);
  });

  it.each([[["--local"]], [[]]])("Ctrl-C ends a long computation with 130 %j", async (where) => {
    const { distances } = endlessWork(162);
    const path = file("endless.ldm", toCsv(distances.slice(1)));
    const command = startTda(compute(path, "--max-dimension", "3", "--coefficient-field", "3", ...where), env);
    // By the server, its gauge says so; locally, a Node process that has used a while of processor time.
    await (where.length === 0
      ? computing(product.api)
      : until("the computation", () => processTree(command.child.pid!).some((one) => one.processorSeconds > 4)));
    const tree = processTree(command.child.pid!);
    signalQuietly(-command.child.pid!, "SIGINT");
    const { code, signal } = await command.ended;
    // npx itself may report the signal it got; a shell shows both as 130.
    expect(signal === "SIGINT" || code === 130, `${code} ${signal}`).toBe(true);
    await until("no process to be left", () => survivors(tree).length === 0);
    await until("the server to rest", async () => (await inFlight(product.api)) === 0);
  });
});

describe("tda without a server", () => {
  it("config print shows every setting, its source, and no secret", async () => {
    const { code, stdout, stderr } = await tda(["config", "print"], {
      DATABASE_URL: "postgresql://tda:hunter2@db.example.org/tda",
      API_PORT: "8123",
    });
    expect(code, stderr).toBe(0);
    const names = [
      ["API_HOST", "API_PORT", "API_WORKERS", "DATABASE_URL", "REDIS_URL", "KAFKA_BOOTSTRAP_SERVERS"],
      ["KAFKA_TOPIC_PREFIX", "JWT_SECRET_KEY", "JWT_ALGORITHM", "FEATURE_ENABLE_CACHING", "FEATURE_ENABLE_METRICS"],
      ["FEATURE_ENABLE_TRACING", "FEATURE_ENABLE_AUTHENTICATION", "FEATURE_MOCK_CPP_ENGINE", "TDA_DATA_DIR"],
    ].flat();
    for (const name of names) expect(stdout).toMatch(new RegExp(`^${name}\\b`, "m"));
    expect(stdout).toMatch(/^API_PORT\s+8123\b/m);
    expect(stdout).toMatch(/^API_HOST\s+127\.0\.0\.1\b/m);
    expect(stdout).toMatch(/^JWT_ALGORITHM\s+RS256\b/m);
    expect(stdout).toContain("db.example.org");
    expect(stdout + stderr).not.toContain("hunter2");
  });

  it("config print refuses what the server would refuse", async () => {
    const { code, stderr } = await tda(["config", "print"], { TDA_DATADIR: "x" });
    expect(code).not.toBe(0);
    expect(stderr).toContain("TDA_DATADIR");
  });

  it("doctor finds everything that this machine has", async () => {
    const { code, stdout, stderr } = await tda(["doctor"], { TDA_DATA_DIR: newFolder(), API_PORT: "0" });
    expect(code, stdout + stderr).toBe(0);
    for (const word of [/compiler|g\+\+|clang/i, /engine/i, /port/i, /database|postgres/i, /node/i]) {
      expect(stdout).toMatch(word);
    }
  });

  it("doctor names what is wrong, with the fix, and ends with 1", async () => {
    const { code, stdout } = await tda(["doctor"], {
      TDA_DATA_DIR: newFolder(),
      TDA_ENGINE_HOST_EXECUTABLE: "/nonexistent/engine",
    });
    expect(code).toBe(1);
    expect(stdout).toMatch(/\/nonexistent\/engine/);
  });

  it("helps", async () => {
    for (const args of [["--help"], ["compute", "vietoris-rips", "--help"], ["--version"]]) {
      const { code, stdout } = await tda(args);
      expect(code).toBe(0);
      expect(stdout).toMatch(/\S/);
    }
    const { stdout } = await tda(compute("--help"));
    for (const option of [
      "max-dimension",
      "threshold",
      "coefficient-field",
      "metric",
      "threads",
      "local",
      "json",
      "output",
    ]) {
      expect(stdout).toContain(`--${option}`);
    }
  });
});
