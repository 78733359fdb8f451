"""The server whose OpenAPI document is tested: the one at TDA_ACCEPTANCE_URL, else a new one, started as a user does."""

import contextlib
import os
import re
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import NamedTuple

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
OURS = re.compile(r"(TDA_|API_|FEATURE_|JWT_|KAFKA_|REDIS_|DATABASE_URL$|NODE_ENV$|npm_)")
READY_LIMIT_SECONDS = 300
STOP_LIMIT_SECONDS = 60


class Server(NamedTuple):
    url: str
    # Of an administrator; "" where the server asks for none.
    api_key: str

    @property
    def headers(self):
        return {"X-API-Key": self.api_key} if self.api_key else {}


@pytest.fixture(scope="session")
def server():
    external = os.environ.get("TDA_ACCEPTANCE_URL")
    if external:
        yield Server(external.rstrip("/"), os.environ.get("TDA_ACCEPTANCE_API_KEY", ""))
        return
    with tempfile.TemporaryDirectory(prefix="tda-acceptance-", ignore_cleanup_errors=True) as data_dir:
        # As root, the database keeps its files elsewhere if its account cannot reach the folder, and they would stay.
        os.chmod(data_dir, 0o755)
        port = free_port()
        with tempfile.TemporaryFile() as log:
            process = subprocess.Popen(
                ["npm", "start"],
                cwd=REPOSITORY,
                env=environment(port, data_dir),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            try:
                url = f"http://127.0.0.1:{port}"
                wait_until_ready(url, process, log)
                yield Server(url, (Path(data_dir) / "keys" / "local-api-key").read_text().strip())
                assert process.poll() is None, "the server ended by itself:\n" + text_of(log)
            finally:
                stop(process)


def environment(port, data_dir):
    env = {name: value for name, value in os.environ.items() if not OURS.match(name)}
    env["PATH"] = os.pathsep.join(
        folder for folder in env["PATH"].split(os.pathsep) if not folder.endswith("node_modules/.bin")
    )
    return env | {
        "API_PORT": str(port),
        "TDA_DATA_DIR": data_dir,
        "FEATURE_ENABLE_AUTHENTICATION": "true",
        # Generated inputs may be large by accident; the test is about answers, not about work.
        "TDA_SYNC_LIMIT_SECONDS": "2",
        "TDA_MAX_POINTS": "10000",
    }


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until_ready(url, process, log):
    end = time.monotonic() + READY_LIMIT_SECONDS
    while time.monotonic() < end:
        if process.poll() is not None:
            pytest.fail("the server did not start:\n" + text_of(log), pytrace=False)
        with contextlib.suppress(OSError, urllib.error.URLError):
            with urllib.request.urlopen(f"{url}/health/ready", timeout=10):
                return
        time.sleep(0.05)
    pytest.fail("the server was not ready in time:\n" + text_of(log), pytrace=False)


def text_of(log):
    log.seek(0)
    return log.read().decode(errors="replace")[-20_000:]


def stop(process):
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(STOP_LIMIT_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        raise
