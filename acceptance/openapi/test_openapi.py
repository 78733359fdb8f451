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

# The documented examples; the edges of each schema, one by one; generated requests. Together about two minutes.
PHASES = {"examples": 10, "coverage": 10, "fuzzing": 400}

# The schema cannot say that rows are of one length or that a field is prime: what it allows may still be a 422.
EXCLUDED_CHECKS = "positive_data_acceptance"


@pytest.mark.parametrize("phase", PHASES)
def test_every_answer_is_as_documented(server_url, phase, tmp_path):
    ended = subprocess.run(
        [
            str(Path(sys.executable).parent / "schemathesis"),
            "run",
            f"{server_url}/openapi.json",
            f"--phases={phase}",
            f"--max-examples={PHASES[phase]}",
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
    assert_still_computing(server_url)


def assert_still_computing(server_url):
    answer = requests.post(
        f"{server_url}/v1/compute/vietoris-rips", json={"points": [[0], [1]]}, timeout=REQUEST_LIMIT_SECONDS
    )
    assert answer.status_code == 200
    assert answer.json()["diagrams"] == [[[0, 1], [0, None]], []]


def test_the_document_has_every_operation(server_url):
    answer = requests.get(f"{server_url}/openapi.json", timeout=REQUEST_LIMIT_SECONDS)
    assert answer.status_code == 200
    paths = answer.json()["paths"]
    assert {"/v1/compute/vietoris-rips", "/compute/vietoris-rips", "/v1/compute/estimate"} <= paths.keys()
