"""Schemathesis over the OpenAPI document: valid and invalid requests to each operation, every answer as documented.

No answer is a 5xx, has an undocumented status, media type or header, or breaks its schema; what the schema forbids is
refused; a method that is not documented is a 405 that names those which are.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import requests

HERE = Path(__file__).resolve().parent
SEED = "20261123"
REQUEST_LIMIT_SECONDS = 60

COMPUTE = ("compute.vietoris_rips", "compute.circular_coordinates", "compute.estimate")

# They may end the very key that the requests carry: last, and by themselves.
ENDING = ("key.revoke", "key.rotate")
NO_ENDING = [f"--exclude-operation-id={id}" for id in ENDING]

# The documented examples; the edges of each schema, one by one; generated requests: many of computations, whose inputs are
# rich, fewer of the many other operations.
RUNS = {
    "examples": ["--phases=examples", "--max-examples=10"],
    "coverage": ["--phases=coverage", "--max-examples=10", *NO_ENDING],
    "computations": ["--phases=fuzzing", "--max-examples=300", *(f"--include-operation-id={id}" for id in COMPUTE)],
    "others": ["--phases=fuzzing", "--max-examples=40", *NO_ENDING, *(f"--exclude-operation-id={id}" for id in COMPUTE)],
    "ending": ["--phases=coverage,fuzzing", "--max-examples=20", *(f"--include-operation-id={id}" for id in ENDING)],
}

# The schema cannot say that rows are of one length or that a field is prime: what it allows may still be a 422.
EXCLUDED_CHECKS = "positive_data_acceptance"


@pytest.mark.parametrize("run", RUNS)
def test_every_answer_is_as_documented(server, run, tmp_path):
    ended = subprocess.run(
        [
            str(Path(sys.executable).parent / "schemathesis"),
            f"--config-file={HERE / 'schemathesis.toml'}",
            "run",
            f"{server.url}/openapi.json",
            *RUNS[run],
            *(f"--header={name}: {value}" for name, value in server.headers.items()),
            "--mode=all",
            f"--seed={SEED}",
            "--generation-deterministic",
            "--checks=all",
            f"--exclude-checks={EXCLUDED_CHECKS}",
            "--continue-on-failure",
            f"--request-timeout={REQUEST_LIMIT_SECONDS}",
            "--suppress-health-check=all",
            "--no-color",
        ],
        # Its own folder: Schemathesis leaves files where it runs.
        cwd=tmp_path,
        env=os.environ | {"SCHEMATHESIS_HOOKS": "bodies", "PYTHONPATH": str(HERE)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert ended.returncode == 0, ended.stdout
    assert "generated" in ended.stdout, f"nothing was tested:\n{ended.stdout}"
    if run != "ending":
        assert_still_computing(server)


def assert_still_computing(server):
    answer = requests.post(
        f"{server.url}/v1/compute/vietoris-rips",
        json={"points": [[0], [1]]},
        headers=server.headers,
        timeout=REQUEST_LIMIT_SECONDS,
    )
    assert answer.status_code == 200
    assert answer.json()["diagrams"] == [[[0, 1], [0, None]], []]


def test_the_document_has_every_operation(server):
    answer = requests.get(f"{server.url}/openapi.json", timeout=REQUEST_LIMIT_SECONDS)
    assert answer.status_code == 200
    paths = answer.json()["paths"]
    assert {"/v1/compute/vietoris-rips", "/compute/vietoris-rips", "/v1/compute/estimate"} <= paths.keys()
