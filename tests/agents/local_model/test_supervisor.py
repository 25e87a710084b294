"""The local model of a server: started, restarted, ended, and found by others."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import threading
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from agents.local_model import status, supervisor
from agents.local_model.errors import LocalModelError, Stopped, WeightsError
from agents.local_model.supervisor import LocalModel, borrowed, describe, find_address, reach, read_status

CHILD = Path(__file__).with_name("fake_child.py")


async def until(happened):
    """What `happened` returns, once it is something."""
    async with asyncio.timeout(10):
        while not (found := happened()):
            await asyncio.sleep(0.01)
    return found


@pytest.fixture
def data_dir(tmp_path):
    return tmp_path / "data"


@pytest.fixture
def options(tmp_path):
    """A model whose file is there and whose child is a stand-in."""
    return {
        "fetch": lambda given, **kwargs: tmp_path / "small.gguf",
        "child": [sys.executable, "-I", str(CHILD), str(tmp_path)],
        "first_wait_s": 0.05,
    }


@pytest.fixture
def starts(tmp_path):
    """What the children were told, one by one."""

    def read():
        path = tmp_path / "starts"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    return read


@asynccontextmanager
async def serving(data_dir, **options):
    model, stopping = LocalModel(data_dir, **options), asyncio.Event()
    task = asyncio.create_task(model.serve(stopping))
    try:
        yield model
    finally:
        stopping.set()
        await task


async def test_the_address_is_known_once_the_child_answers(data_dir, options, starts, tmp_path):
    async with serving(data_dir, **options) as model:
        address = await model.settled()

        assert reach(read_status(data_dir)) == address
        assert address.base_url.startswith("http://127.0.0.1:")
        assert address.base_url.endswith("/v1")
        assert starts()[0]["path"] == str(tmp_path / "small.gguf")
        assert starts()[0]["key"] == address.api_key


async def test_the_file_with_the_key_is_for_its_owner_alone_and_gone_in_the_end(data_dir, options):
    path = data_dir / "run" / "local-model.json"
    async with serving(data_dir, **options) as model:
        await model.settled()

        assert path.stat().st_mode & 0o777 == 0o600
        known = json.loads(path.read_text())
        assert (known["state"], known["pid"]) == ("ready", model.status.pid)

    assert not path.exists()
    assert reach(read_status(data_dir)) is None


async def test_a_child_that_dies_is_started_again_with_a_new_key(data_dir, options):
    async with serving(data_dir, **options) as model:
        first = await model.settled()
        os.kill(model.status.pid, signal.SIGKILL)
        await until(lambda: model.status.state == "failed")
        assert "starts again" in describe(read_status(data_dir))

        second = await until(lambda: reach(read_status(data_dir)))

        assert second.api_key != first.api_key


async def test_the_wait_grows_while_the_child_keeps_dying(data_dir, options, tmp_path, starts):
    (tmp_path / "fail").touch()
    told = []
    async with serving(data_dir, **{**options, "first_wait_s": 0.02}) as model:
        say = model._say
        model._say = lambda state, detail, *rest: (told.append(detail), say(state, detail, *rest))
        await until(lambda: len(starts()) == 3)
        (tmp_path / "fail").unlink()
        await until(lambda: reach(read_status(data_dir)))

    assert len([line for line in told if "stopped and starts again" in line]) >= 3


async def test_the_child_ends_with_the_server(data_dir, options, tmp_path):
    async with serving(data_dir, **options) as model:
        await model.settled()

    assert (tmp_path / "ended").exists()


async def test_the_child_ends_when_its_task_is_cancelled(data_dir, options, tmp_path):
    model = LocalModel(data_dir, **options)
    task = asyncio.create_task(model.serve(asyncio.Event()))
    await model.settled()

    task.cancel()
    await asyncio.wait([task])

    assert task.cancelled()
    assert (tmp_path / "ended").exists()
    assert not status.path_in(data_dir).exists()


async def test_the_child_ends_when_its_parent_is_killed(data_dir, tmp_path):
    code = (
        "import asyncio, sys; from pathlib import Path; from agents.local_model.supervisor import LocalModel\n"
        "model = LocalModel(Path(sys.argv[1]), fetch=lambda given, **k: Path('x'), child=sys.argv[2:])\n"
        "asyncio.run(model.serve(asyncio.Event()))"
    )
    command = [sys.executable, "-c", code, str(data_dir), sys.executable, "-I", str(CHILD), str(tmp_path)]
    parent = subprocess.Popen(command, cwd=Path(supervisor.__file__).parents[2])
    address = await until(lambda: reach(read_status(data_dir)))
    assert address

    parent.kill()
    parent.wait()

    await until((tmp_path / "ended").exists)
    assert read_status(data_dir) is None  # nobody keeps the file up to date any more
    assert "isn't running" in describe(read_status(data_dir))


async def test_progress_of_the_fetch_is_there_for_the_chat(data_dir, options, tmp_path):
    seen = threading.Event()

    def fetch(given, *, spare, report, stop):
        report("Fetching the local model", 42, 100)
        seen.wait(10)
        return tmp_path / "small.gguf"

    async with serving(data_dir, **{**options, "fetch": fetch}) as model:
        sentence = "The local model is still loading (42 %). Try again in a moment."
        await until(lambda: describe(read_status(data_dir)) == sentence)
        assert reach(read_status(data_dir)) is None
        seen.set()
        await model.settled()


async def test_a_file_that_cannot_be_had_is_said_and_does_not_end_the_server(data_dir, options):
    def fetch(given, **kwargs):
        raise WeightsError("The local model can't be fetched. Set OPENAI_BASE_URL.")

    async with serving(data_dir, **{**options, "fetch": fetch}) as model:
        with pytest.raises(LocalModelError, match="can't be fetched"):
            await model.settled()
        assert describe(read_status(data_dir)) == "The local model can't be fetched. Set OPENAI_BASE_URL."


async def test_a_library_that_cannot_be_loaded_is_said_and_not_tried_again(data_dir, options, tmp_path, starts):
    (tmp_path / "error").write_text("libgomp.so.1: cannot open shared object file")
    async with serving(data_dir, **options) as model:
        with pytest.raises(LocalModelError, match=r"can't be loaded: libgomp\.so\.1"):
            await model.settled()

    assert len(starts()) == 1


async def test_a_server_that_ends_stops_the_fetch(data_dir, options):
    began, ended = threading.Event(), threading.Event()

    def fetch(given, *, spare, report, stop):
        began.set()
        stop.wait(10)
        ended.set()
        raise Stopped("stopped")

    async with serving(data_dir, **{**options, "fetch": fetch}):
        await until(began.is_set)

    assert ended.is_set()


async def test_a_command_borrows_the_model_of_the_server(data_dir, options, starts):
    async with serving(data_dir, **options) as model:
        own = await model.settled()
        async with borrowed(data_dir, **options) as address:
            assert address == own
        assert reach(read_status(data_dir)) == own

    assert len(starts()) == 1


async def test_a_command_without_a_server_has_its_own_model_while_it_runs(data_dir, options, starts):
    async with borrowed(data_dir, **options) as address:
        assert reach(read_status(data_dir)) == address
        assert not status.path_in(data_dir).exists()

    assert reach(read_status(data_dir)) is None
    assert len(starts()) == 1


async def test_a_command_waits_for_a_server_that_is_loading(data_dir, options, starts):
    go_on = threading.Event()
    fetch = options["fetch"]
    slow = {**options, "fetch": lambda given, **kwargs: go_on.wait(10) and fetch(given)}
    async with serving(data_dir, **slow) as model:
        await until(lambda: read_status(data_dir))
        asyncio.get_running_loop().call_later(0.05, go_on.set)
        async with borrowed(data_dir, **options) as address:
            assert address == await model.settled()

    assert len(starts()) == 1


async def test_a_model_that_is_ready_a_moment_after_it_was_loading_is_found(data_dir, monkeypatch):
    loading = status.Status("loading", "The local model is still loading.", "m", owner=os.getpid())
    ready = status.Status("ready", "", "m", base_url="http://127.0.0.1:9/v1", api_key="k", owner=os.getpid())
    status.write(data_dir, loading)

    def reach_late(seen):
        status.write(data_dir, ready)
        return reach(seen)

    monkeypatch.setattr(supervisor, "reach", reach_late)
    assert await find_address(data_dir, wait_s=10) == ready.address


async def test_a_model_that_takes_long_to_load_is_not_waited_for_forever(data_dir):
    status.write(data_dir, status.Status("loading", "The local model is still loading.", "m", owner=os.getpid()))

    with pytest.raises(LocalModelError, match=r"still loading\. Try again in a moment"):
        await find_address(data_dir, wait_s=0)


async def test_an_address_that_nobody_answers_at_is_none(data_dir):
    parent = os.getppid()
    status.write(
        data_dir,
        status.Status("ready", "", "m", base_url="http://127.0.0.1:9/v1", api_key="k", pid=parent, owner=parent),
    )

    assert reach(read_status(data_dir)) is None


def test_a_file_that_is_no_status_is_none(data_dir):
    status.path_in(data_dir).parent.mkdir(parents=True)
    status.path_in(data_dir).write_text("{")

    assert read_status(data_dir) is None
