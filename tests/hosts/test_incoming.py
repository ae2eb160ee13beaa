"""What a host may send is bounded as it is unpacked, and every sentence about it is ours."""

import gzip

import pytest

from core.errors import WorkbenchError
from core.hosts.addresses import Connection
from core.hosts.batches import BatchRules, HostBatches
from core.hosts.control import list_models
from core.hosts.incoming import ours_behind
from tests.fakes.host import Step

BOMB = gzip.compress(b'{"data": [' + b" " * 30_000_000)
PACKED = {"Content-Encoding": "gzip", "Content-Type": "application/json"}


def test_a_list_of_models_without_end_is_not_read_to_its_end(fake_host, monkeypatch):
    monkeypatch.setattr("core.hosts.incoming.MOST", 2**20)
    monkeypatch.setattr("core.hosts.incoming.only_so_much.__defaults__", (2**20,))
    fake_host.on("GET /models", *[Step("garbage", body=BOMB, headers=PACKED)] * 3)
    with pytest.raises(WorkbenchError, match="larger than 1 MB and was not read to the end"):
        list_models(Connection(fake_host.base_url, ""))


def test_a_result_file_without_end_is_not_kept(fake_host, monkeypatch, tmp_path):
    monkeypatch.setattr("core.hosts.batches.MOST_OF_A_FILE", 2**20)
    fake_host.on("GET /files/{id}/content", Step("garbage", body=BOMB, headers=PACKED))
    host = HostBatches(Connection(fake_host.base_url, ""), BatchRules())
    with pytest.raises(WorkbenchError, match="larger than 1 MB"):
        host.download("file-1", tmp_path / "out.jsonl")
    assert not (tmp_path / "out.jsonl").exists()


def test_our_own_sentence_is_found_behind_what_the_sdk_raises_and_no_other_is():
    try:
        try:
            raise WorkbenchError("Said.")
        except WorkbenchError as error:
            raise ConnectionError from error
    except ConnectionError as error:
        assert ours_behind(error) is error.__cause__
    assert ours_behind(ConnectionError()) is None
