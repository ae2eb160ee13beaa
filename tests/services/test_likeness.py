"""How near texts are in meaning: worked out beside the page, kept, and shown with the other figures."""

from math import sqrt

import pytest

from core.hosts.addresses import Connection
from core.model import QuestionKind, Task
from core.services.common.likeness import key_of, known, settled
from core.services.hosts.connections import Hosts
from core.storage import likenesses
from tests.fakes.host import fails
from tests.fakes.waiting import wait_for
from tests.services.said import project_with

OWN = ["abc", "a cat", "Same  words", "", "", "one"]
OTHER = ["abd", "dogs", "same words", "", "text", "one"]
SECOND = ["abd", "a cat", "other", "x", "text", "one"]


@pytest.fixture
def texts(workbench, fake_host, monkeypatch):
    """A project of three who wrote texts, whose embedded host is the fake one."""
    monkeypatch.setattr(Hosts, "connection", lambda self, key: Connection(fake_host.base_url, "key"))
    said = {"ann": OWN, "ben": OTHER, "cem": SECOND}
    return project_with(workbench, Task((), type=QuestionKind.TEXT), [f"item {i}" for i in range(6)], said)


def figure(wb, project, ids, who="ben"):
    [one] = wb.agreement.view(project, ids["ann"], [ids[who]], None).candidates
    return one.figures["cosine"]


def worked_out(wb, project, ids, *who):
    wb.likenesses.work_out(project, ids["ann"], [ids[one] for one in who], None)
    wait_for(lambda: not wb.likenesses.standing().is_going, "likenesses")
    return wb.likenesses.standing()


def test_it_is_said_to_be_missing_until_it_is_worked_out_and_then_the_mean_over_items(workbench, texts):
    project, ids = texts
    before = figure(workbench, project, ids)
    assert (before.value, before.undefined) == (None, "not worked out yet for 2 of 6 items")
    stamp = workbench.agreement.stamp(project)
    standing = worked_out(workbench, project, ids, "ben")
    assert (standing.total, standing.done, standing.trouble) == (2, 2, "")
    found = figure(workbench, project, ids)
    # abc, abd: 2 letters of 3 in common; a cat (aact), dogs: none. The rest is the same or empty: 1, 1, 0, 1.
    assert found.value == pytest.approx((2 / 3 + 0 + 1 + 1 + 0 + 1) / 6)
    assert found.n == 6 and found.low < found.value < found.high
    assert workbench.agreement.stamp(project) != stamp, "or the page would keep what it had"


def test_a_pair_is_asked_about_once_whoever_wrote_it_and_in_whatever_order(workbench, fake_host, texts):
    project, ids = texts
    worked_out(workbench, project, ids, "ben")
    assert sorted(fake_host.embedded) == ["a cat", "abc", "abd", "dogs"]
    assert worked_out(workbench, project, ids, "ben", "cem").total == 1
    assert sorted(fake_host.embedded[4:]) == ["Same  words", "other"]
    assert worked_out(workbench, project, ids, "ben", "cem").total == 0
    assert key_of(("a", "b")) == key_of(("b", "a")) != key_of(("a", "c"))
    assert key_of(("a", "")) != key_of(("", "")) and key_of(("ab", "c")) != key_of(("a", "bc"))


def test_what_is_worked_out_stays_where_the_host_gives_no_more_and_the_rest_can_be_asked_for(
    workbench, fake_host, texts, monkeypatch
):
    project, ids = texts
    monkeypatch.setattr("core.services.agreement.likening._AT_ONCE", 1)
    fake_host.on("POST /embeddings", *[fails(400, "no room")])
    standing = worked_out(workbench, project, ids, "ben")
    assert "no room" in standing.trouble and standing.done == 0
    standing = worked_out(workbench, project, ids, "ben")
    assert (standing.done, standing.trouble) == (2, "")
    with workbench.db.read() as conn:
        assert likenesses.newest(conn) == 2


def test_what_takes_no_encoder_is_settled_and_the_rest_unknown(workbench):
    assert [settled(pair) for pair in [("", " "), ("", "a"), ("A b", "a  B"), ("a", "b")]] == [1.0, 0.0, 1.0, None]
    with workbench.db.write() as conn:
        likenesses.put(conn, {key_of(("a", "b")): 0.5})
        likenesses.put(conn, {key_of(("b", "a")): 0.9})  # what is known stays
        values = known(conn, [("a", "b"), ("b", "a"), ("a", "c"), ("", "c")])
    assert values[:2].tolist() == [0.5, 0.5] and values[2] != values[2] and values[3] == 0.0


def test_other_questions_have_nothing_to_work_out(workbench, small_project):
    workbench.likenesses.work_out(small_project.id, small_project.gold, [small_project.hasty], None)
    wait_for(lambda: not workbench.likenesses.standing().is_going, "likenesses")
    assert workbench.likenesses.standing().total == 0 and not workbench.likenesses.standing().trouble


def test_of_several_candidates_each_has_its_own(workbench, texts):
    project, ids = texts
    worked_out(workbench, project, ids, "ben", "cem")
    expected = (2 / 3 + 1 + _cosine("samewords", "other") + 0 + 0 + 1) / 6
    assert figure(workbench, project, ids, "cem").value == pytest.approx(expected)


def _cosine(one, other):
    def dot(a, b):
        return sum(a.count(letter) * b.count(letter) for letter in set(a + b))

    return dot(one, other) / sqrt(dot(one, one) * dot(other, other))
