import { tableFromArrays, tableToIPC } from "apache-arrow";
import { parquetWriteBuffer } from "hyparquet-writer";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { created } from "../../test/support/datasets.ts";
import { npyRows } from "../../test/support/npy.ts";
import { TestBed, type TestServer } from "../../test/support/test-bed.ts";

let bed: TestBed;
beforeAll(async () => {
  bed = await TestBed.open();
}, 120_000);
afterAll(async () => await bed.end());
afterEach(async () => await bed.endServers());

describe("computing", () => {
  const compute = async (server: TestServer, body: object) => {
    const response = await server.post(body);
    return {
      status: response.status,
      cache: response.headers.get("cache-status"),
      body: (await response.json()) as Record<string, unknown>,
    };
  };

  it("with a dataset gives what its content gives, and shares what is cached", async () => {
    const server = await bed.server();
    const points = [
      [0, 0],
      [1, 0],
      [0.5, 1],
    ];
    const { id } = await created(server);
    const direct = await compute(server, { points, max_dimension: 1 });
    const stored = await compute(server, { dataset_id: id, max_dimension: 1 });
    expect(stored).toMatchObject({ status: 200, cache: "tda; hit" });
    expect(stored.body.diagrams).toEqual(direct.body.diagrams);
    expect(stored.body.provenance).toEqual(direct.body.provenance);
    const copy = await created(server);
    expect(await compute(server, { dataset_id: copy.id, max_dimension: 1 })).toMatchObject({ cache: "tda; hit" });
    const estimate = await server.post({ dataset_id: id }, {}, "/v1/compute/estimate");
    expect([estimate.status, ((await estimate.json()) as { edges: number }).edges]).toEqual([200, 3]);
  });

  it("of every format gives the same", async () => {
    const server = await bed.server();
    const matrix = npyRows([
      [0, 1, 2],
      [1, 0, 3],
      [2, 3, 0],
    ]);
    const parquet = new Uint8Array(
      parquetWriteBuffer({
        columnData: [
          { name: "a", data: Float64Array.of(0, 1, 2) },
          { name: "b", data: Float64Array.of(1, 0, 3) },
          { name: "c", data: Float64Array.of(2, 3, 0) },
        ],
      }),
    );
    const arrow = tableToIPC(
      tableFromArrays({ a: Float64Array.of(0, 1, 2), b: Float64Array.of(1, 0, 3), c: Float64Array.of(2, 3, 0) }),
      "stream",
    );
    const ids = [
      await created(server, matrix, "?input_kind=distances", "application/x-npy"),
      await created(server, parquet, "?input_kind=distances", "application/vnd.apache.parquet"),
      await created(server, arrow, "?input_kind=distances", "application/vnd.apache.arrow.stream"),
      await created(server, "1\n2,3\n", "?format=lower-distance", "text/plain"),
      await created(server, "\n1\n2,3\n", "?input_kind=distances"),
    ];
    const bodies = await Promise.all(ids.map(({ id }) => compute(server, { dataset_id: id })));
    for (const { body } of bodies) {
      expect(body.diagrams).toEqual([
        [
          [0, 1],
          [0, 2],
          [0, null],
        ],
        [],
      ]);
      expect(body.provenance).toEqual(bodies[0]!.body.provenance);
    }
    const direct = await server.post(
      arrow,
      { "content-type": "application/vnd.apache.arrow.stream" },
      "/v1/compute/vietoris-rips?input_kind=distances",
    );
    expect(((await direct.json()) as { diagrams: unknown }).diagrams).toEqual(bodies[0]!.body.diagrams);
  });

  it("with a dataset that is gone is refused, also when its answer is cached", async () => {
    const server = await bed.server();
    const { id } = await created(server);
    for (let i = 0; i < 3; i++) expect(await compute(server, { dataset_id: id })).toMatchObject({ status: 200 });
    await fetch(`${server.url}/v1/datasets/${id}`, { method: "DELETE" });
    expect(await compute(server, { dataset_id: id })).toMatchObject({
      status: 404,
      body: { code: "not_found", errors: [{ pointer: "/dataset_id" }] },
    });
  });

  it("tells what only a whole matrix shows", async () => {
    const server = await bed.server();
    const { id } = await created(server, "0,1\n2,0\n", "?input_kind=distances");
    expect(await compute(server, { dataset_id: id })).toMatchObject({
      status: 422,
      body: { code: "asymmetric_distance" },
    });
    const small = await bed.server({ env: { TDA_DATASET_INPUT_LIMIT_BYTES: "1KiB" } });
    const large = await created(small, "1,2\n".repeat(200));
    expect(await compute(small, { dataset_id: large.id })).toMatchObject({
      status: 422,
      body: { code: "dataset_input_too_large" },
    });
  });
});
