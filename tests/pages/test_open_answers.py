"""Questions whose answers are open: what Agreement works out and says of them, and what Task offers beside them."""

import pytest

from core.errors import WorkbenchError
from core.hosts.addresses import Connection
from core.model import Label, Options, QuestionKind, Task
from core.services.hosts.connections import Hosts
from core.services.review.reviewing import Decision
from core.workbench import Workbench
from pages._ui.agreement.positions import headings, rows
from tests.fakes.host import FakeHost
from tests.fakes.waiting import wait_for
from tests.pages.conftest import OpenApp, texts
from tests.services.said import project_with

ASK = "Work out likeness in meaning"


def written(wb: Workbench) -> tuple[int, dict[str, int]]:
    said = {"ann": ["a cat", "one", ""], "ben": ["the cat", "one", "two"]}
    return project_with(wb, Task((), type=QuestionKind.TEXT), ["x", "y", "z"], said)


def test_likeness_in_meaning_is_worked_out_when_asked_for_and_then_stands_with_the_others(
    app: OpenApp, wb: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    project, _ = written(wb)
    with FakeHost() as host:
        monkeypatch.setattr(Hosts, "connection", lambda self, key: Connection(host.base_url, "key"))
        at = app("agreement", project=project, agree_on="all")
        next(one for one in at.button if one.label == ASK).click().run()
        wait_for(lambda: not wb.likenesses.standing().is_going, "likenesses")
    at = app("agreement", project=project, agree_on="all")
    assert all(one.label != ASK for one in at.button)
    assert "**Likeness in meaning** The cosine of the vectors that the sentence encoder minilm-l6" in texts(at)


def test_what_keeps_the_encoder_from_it_is_said_and_it_can_be_tried_again(
    app: OpenApp, wb: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    project, _ = written(wb)

    def refused(self: Hosts, key: str) -> Connection:
        raise WorkbenchError("The embedded host does not start.", "Look at its log.")

    monkeypatch.setattr(Hosts, "connection", refused)
    at = app("agreement", project=project, agree_on="all")
    next(one for one in at.button if one.label == ASK).click().run()
    wait_for(lambda: not wb.likenesses.standing().is_going, "likenesses")
    at = app("agreement", project=project, agree_on="all")
    assert "The embedded host does not start." in texts(at) and any(one.label == ASK for one in at.button)


def test_whether_what_is_shown_first_is_preferred_has_a_row_for_each_whose_order_is_known(
    app: OpenApp, wb: Workbench
) -> None:
    outcomes = (Label("First", score=1.0), Label("Tie", score=0.0), Label("Second", score=-1.0))
    task = Task(outcomes, type=QuestionKind.PREFERENCE, options=Options(candidates=("left", "right")))
    said = {"ann": ["First"] * 4, "ben": ["Second"] * 4}
    project, ids = project_with(wb, task, ["a", "b", "c", "d"], said)
    title = "Is what is shown first preferred?"
    assert title not in texts(app("agreement", project=project, agree_on="all"))
    with wb.db.read() as conn:
        items = [row[0] for row in conn.exec_driver_sql("SELECT id FROM items ORDER BY id")]
    for seq, (item, shown) in enumerate(zip(items, ("0,1", "1,0", "1,0", "0,1"), strict=True), 1):
        wb.review.store(project, "log", "me", [Decision(seq, item, "First", shown=shown)])
    assert title in texts(app("agreement", project=project, agree_on="all"))
    me = next(one.id for one in wb.projects.annotators(project) if one.name == "me")
    view = wb.agreement.view(project, ids["ann"], [me], None)
    [row] = rows(view.positions)
    assert [cell.text for cell in row] == ["me", ".50", "4", "", ""]
    assert [one.axis for one in headings()][1] == (0.0, 1.0)


def test_texts_can_be_rated_by_a_question_beside_them_offered_where_there_is_none(app: OpenApp, wb: Workbench) -> None:
    project, _ = written(wb)
    at = app("task", project=project)
    offered = next(one for one in at.button if one.label == "Rate these texts")
    offered.click().run()
    text, rating = wb.projects.questions(project)
    assert (text.id, rating.question, wb.tasks.get(rating.id).type) == (project, "How good is the text?", "rating")
    assert [label.name for label in wb.tasks.get(rating.id).labels] == ["1", "2", "3", "4", "5"]
    assert all(one.label != "Rate these texts" for one in app("task", project=project).button)
