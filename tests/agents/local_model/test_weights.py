"""Finding or fetching the model file."""

import os
import threading
from types import SimpleNamespace

import pytest

from agents.local_model import hub, model_file, weights
from agents.local_model.errors import SourceError, Stopped, WeightsError


def find(model, given=None, *, sources=(hub.fetch,), **options):
    return weights.find_or_fetch(given, model=model, sources=sources, report=lambda *args: None, **options)


def silent(model, partial, *, report, stop):
    raise SourceError("nobody is there")


def wrong(model, partial, *, report, stop):
    partial.write_bytes(b"x" * model.size)


@pytest.fixture
def digests(monkeypatch):
    """The files that were read for their digest."""
    read, really = [], model_file._digest
    monkeypatch.setattr(model_file, "_digest", lambda path, *rest: read.append(path.name) or really(path, *rest))
    return read


def test_the_file_is_fetched_into_the_cache(model, cache, content):
    path = find(model)

    assert path == cache / "small.gguf"
    assert path.read_bytes() == content
    assert not (cache / "small.gguf.partial").exists()


def test_a_second_start_neither_fetches_nor_reads_the_file_again(model, cache, hub_server, digests):
    find(model)
    find(model)

    assert hub_server.asked == [0]
    assert len(digests) == 1


def test_a_file_that_changed_since_is_read_again(model, cache, digests):
    path = find(model)
    os.utime(path, (1, 1))

    find(model)

    assert len(digests) == 2


def test_a_given_file_is_used_where_it_is(model, cache, content, hub_server, tmp_path):
    given = tmp_path / "elsewhere.gguf"
    given.write_bytes(content)

    assert find(model, given) == given
    assert hub_server.asked == []


def test_a_given_file_must_exist(model, cache, tmp_path):
    with pytest.raises(WeightsError, match=r"LOCAL_MODEL_PATH names .*no such file"):
        find(model, tmp_path / "missing.gguf")


def test_a_given_file_with_another_digest_is_refused(model, cache, tmp_path):
    given = tmp_path / "elsewhere.gguf"
    given.write_bytes(b"x" * model.size)

    with pytest.raises(WeightsError, match=r"which is not small\.gguf with SHA-256"):
        find(model, given)


def test_a_broken_file_in_the_cache_is_fetched_anew(model, cache, content):
    (cache / "small.gguf").write_bytes(b"x" * model.size)

    assert find(model).read_bytes() == content


def test_the_next_source_goes_on_where_one_ended(model, cache, content, hub_server):
    def interrupted(model, partial, *, report, stop):
        partial.write_bytes(content[:100_000])
        raise SourceError("the line dropped")

    assert find(model, sources=(interrupted, hub.fetch)).read_bytes() == content
    assert hub_server.asked == [100_000]


def test_a_wrong_file_is_refused_and_the_next_source_tried(model, cache, content):
    assert find(model, sources=(wrong, hub.fetch)).read_bytes() == content


def test_wrong_bytes_of_an_earlier_start_cost_a_second_try_only(model, cache, content, hub_server):
    (cache / "small.gguf.partial").write_bytes(b"x" * 100_000)

    assert find(model).read_bytes() == content
    assert hub_server.asked == [100_000, 0]


def test_without_any_source_people_are_told_what_they_can_do(model, cache):
    with pytest.raises(WeightsError) as caught:
        find(model, sources=(silent, wrong))

    sentence = str(caught.value)
    assert "nobody is there; what came was not the right file" in sentence
    assert all(name in sentence for name in ("OPENAI_BASE_URL", "LOCAL_MODEL_PATH", "MODEL=none"))
    assert not (cache / "small.gguf").exists()


def test_a_cache_that_cannot_be_written_is_replaced_by_the_data_folder(model, monkeypatch, content, tmp_path):
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))

    path = find(model, spare=tmp_path / "data" / "models")

    assert path == tmp_path / "data" / "models" / "small.gguf"
    assert path.read_bytes() == content


def test_a_full_disk_is_noticed_before_the_fetch(model, cache, hub_server, monkeypatch):
    monkeypatch.setattr(weights.shutil, "disk_usage", lambda path: SimpleNamespace(free=1000))

    with pytest.raises(WeightsError, match="Make room"):
        find(model)
    assert hub_server.asked == []


def test_two_starts_at_once_fetch_once(model, cache, hub_server):
    paths = []
    starts = [threading.Thread(target=lambda: paths.append(find(model))) for _ in range(2)]
    for start in starts:
        start.start()
    for start in starts:
        start.join()

    assert paths == [cache / "small.gguf"] * 2
    assert hub_server.asked == [0]


def test_waiting_for_another_process_ends_when_the_server_does(model, cache):
    ended = threading.Event()
    ended.set()

    def while_fetching(model, partial, *, report, stop):
        with pytest.raises(Stopped, match="another process"):
            find(model, stop=ended)
        raise SourceError("nobody is there")

    with pytest.raises(WeightsError, match="nobody is there"):
        find(model, sources=(while_fetching,))


def test_the_command_prints_where_the_file_is(model, cache, monkeypatch, capsys):
    monkeypatch.setattr(weights, "find_or_fetch", lambda given: cache / "small.gguf")

    assert weights.main() == 0
    assert capsys.readouterr().out.strip() == str(cache / "small.gguf")


def test_the_command_says_why_there_is_no_file(monkeypatch, capsys, tmp_path):
    monkeypatch.setenv("LOCAL_MODEL_PATH", str(tmp_path / "missing"))

    assert weights.main() == 1
    assert "no such file" in capsys.readouterr().err
