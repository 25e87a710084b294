"""The model hub as a source."""

import threading

import pytest

from agents.local_model import hub
from agents.local_model.errors import SourceError, Stopped


@pytest.fixture
def partial(tmp_path):
    path = tmp_path / "small.gguf.partial"
    path.touch()
    return path


def fetch(model, partial, report=lambda *args: None, stop=None):
    hub.fetch(model, partial, report=report, stop=stop or threading.Event())


def test_the_file_comes_whole_and_its_progress_is_told(model, partial, content, report, reports):
    fetch(model, partial, report)

    assert partial.read_bytes() == content
    assert reports[-1] == ("Fetching the local model", len(content), len(content))


def test_what_is_there_already_is_not_fetched_again(model, partial, content, hub_server):
    partial.write_bytes(content[:70_000])

    fetch(model, partial)

    assert partial.read_bytes() == content
    assert hub_server.asked == [70_000]


def test_a_line_that_drops_is_taken_up_again(model, partial, content, hub_server):
    hub_server.drop_after = 100_000

    fetch(model, partial)

    assert partial.read_bytes() == content
    assert hub_server.asked == [0, 100_000, 200_000]


def test_a_hub_without_the_file_is_no_source(model, partial, hub_server):
    hub_server.status = 404

    with pytest.raises(SourceError, match="HTTP 404"):
        fetch(model, partial)


def test_a_file_of_another_size_is_refused_before_it_is_stored(model, partial, hub_server):
    hub_server.body = b"<html>Please sign in to this network</html>"

    with pytest.raises(SourceError, match="another file"):
        fetch(model, partial)
    assert partial.read_bytes() == b""


def test_a_server_that_ends_does_not_wait_for_the_file(model, partial):
    stop = threading.Event()
    stop.set()

    with pytest.raises(Stopped):
        fetch(model, partial, stop=stop)
