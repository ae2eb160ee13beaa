"""The control plane of batches against a real server on loopback, through the real SDK."""

import json
from collections import deque

import pytest

from core.errors import WorkbenchError
from core.host_refusals import Unanswered
from core.hosts.addresses import Connection
from core.hosts.batch_lines import Wanted, request_line
from core.hosts.batches import BatchProgress, BatchRules, HostBatches, rules_of
from core.hosts.explaining import Gone
from core.hosts.profiles import PROFILES, Route
from tests.fakes.batches import FakeBatch
from tests.fakes.host import FakeHost, Step, fails, garbage, reset

KEY = "sk-planted-0123456789"
TOGETHER = rules_of(PROFILES["together"])


@pytest.fixture
def host():
    with FakeHost() as fake:
        yield fake


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "in.jsonl"
    body = json.dumps({"model": "m", "messages": [{"role": "user", "content": "x"}]}).encode()
    path.write_bytes(request_line(Wanted(1, 1, 0, bytes(16)), body))
    return path


def batches_at(host, rules=None):
    return HostBatches(Connection(host.base_url, KEY), rules or BatchRules(), timeout=5.0)


def made(host, file, tag="t-1", rules=None):
    at = batches_at(host, rules)
    file_id = at.upload(file)
    return at, file_id, at.create(file_id, tag)


def test_every_profile_with_batches_has_rules_with_its_purpose():
    for profile in PROFILES.values():
        if Route.BATCH in profile.routes:
            rules = rules_of(profile)
            assert rules.purpose == profile.batch_purpose and rules.lines <= 50_000 and rules.bytes <= 200_000_000


@pytest.mark.parametrize(("dialect", "rules"), [("openai", None), ("together", TOGETHER)])
def test_a_batch_goes_from_file_to_results_in_each_dialect(host, file, tmp_path, dialect, rules):
    host.batches.dialect = dialect
    at, file_id, batch_id = made(host, file, rules=rules)
    assert host.files[file_id].encode() == file.read_bytes()
    assert at.find(file_id, "t-1") == batch_id
    states = [at.look(batch_id) for _ in range(4)]
    assert [state.progress for state in states] == [BatchProgress.UNDER_WAY] * 3 + [BatchProgress.ENDED]
    assert states[0].host_status.lower() == "validating"
    (result,) = states[-1].result_file_ids
    at.download(result, tmp_path / "out.results")
    assert json.loads((tmp_path / "out.results").read_text())["response"]["status_code"] == 200
    assert not (tmp_path / "out.part").exists()


def test_a_batch_is_found_behind_many_others_and_a_search_for_none_comes_to_an_end(host, file):
    at, file_id, first = made(host, file, "wanted")
    other = {**host.batches.all[first].request, "input_file_id": "other", "metadata": {}}
    for number in range(230):
        host.batches.all[f"x{number}"] = FakeBatch(f"x{number}", other, [], deque())
    assert at.find(file_id, "wanted") == first
    assert at.find("file-none", "nobody") is None
    assert host.served["GET /batches"] == 6


def test_a_host_that_ignores_after_is_not_asked_for_ever(host, file):
    at, _, _ = made(host, file)
    page = json.dumps({"data": [{"id": f"b{i}", "status": "completed"} for i in range(100)]}).encode()
    host.on("GET /batches", *[Step("fail", 200, page, {"Content-Type": "application/json"})] * 30)
    assert at.find("file-none", "nobody") is None and host.served["GET /batches"] == 2


def test_a_batch_the_host_refused_does_not_count_as_made(host, file):
    host.batches.refuses_file = {"code": "x", "message": "bad line", "line": 3}
    at, file_id, batch_id = made(host, file)
    state = at.look(batch_id)
    assert (state.progress, state.message, state.is_full) == (BatchProgress.REFUSED, "line 3: bad line", False)
    assert at.find(file_id, "t-1") is None


def test_the_create_call_is_made_once_and_what_is_unsure_is_said_to_be(host, file):
    at = batches_at(host)
    file_id = at.upload(file)
    for step in (reset(after_doing=True), fails(500), fails(503), garbage(), garbage(b"{}")):
        host.on("POST /batches", step)
        before = host.served["POST /batches"]
        with pytest.raises(Unanswered):
            at.create(file_id, "t")
        assert host.served["POST /batches"] == before + 1


def test_a_plain_no_is_told_with_the_hosts_words_and_without_the_key(host, file):
    at = batches_at(host)
    host.on("POST /batches", fails(400, f"no batches for {KEY}"))
    with pytest.raises(WorkbenchError, match=r"no batches for \[key\]") as caught:
        at.create("file-1", "t")
    assert not isinstance(caught.value, Unanswered) and KEY not in repr(caught.value)
    host.on("POST /files", fails(401, f"Incorrect API key {KEY}"))
    with pytest.raises(WorkbenchError, match="refused the key") as caught:
        at.upload(file)
    assert KEY not in str(caught.value)


@pytest.mark.slow
def test_results_that_are_gone_are_told_from_a_host_in_trouble(host, file, tmp_path):
    at, _, batch_id = made(host, file)
    host.on("GET /batches/{id}", fails(404), *[fails(500)] * 3)
    with pytest.raises(Gone):
        at.look(batch_id)
    with pytest.raises(WorkbenchError) as caught:
        at.look(batch_id)
    assert not isinstance(caught.value, Gone)
    host.on("GET /files/{id}/content", fails(404))
    with pytest.raises(Gone):
        at.download("file-gone", tmp_path / "out.results")
    assert not (tmp_path / "out.results").exists()
