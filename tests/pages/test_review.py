"""The Review page: its queues by link, what it says where there is nothing, and what the browser's decisions become."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from core.errors import WorkbenchError
from core.model import Label, QuestionKind, Split, TableData, Task
from core.services.data.bringing import ImportChoice
from core.services.review.reviewing import Decision, QueueFilter
from core.workbench import Workbench
from pages._ui.review import component as review_component
from pages._ui.review.component import Act, AskedQuestion, ReviewRow, ReviewState, Told
from pages._ui.review.keeper import Keeper
from pages._ui.review.links import review_parameters
from pages._ui.review.seat import Place, Seat
from pages._ui.review.sitting import within
from tests.pages.conftest import OpenApp, Small, add_model


class Browser:
    """Stands where the keyboard component stands: remembers what it was shown, and does as it is told.

    Like the one in the browser it brings what is not confirmed again and again.
    """

    def __init__(self) -> None:
        self.asked: list[AskedQuestion] = []
        self.rows: list[ReviewRow] = []
        self.arguments: dict = {}
        self.acts: list[Act] = []
        self.told = Told()
        self.position = 0
        self.asks_more = ""

    def label(self, item: int, label: str, **more: object) -> None:
        """Label an item of what is shown, as its reviewer."""
        whose = (self.arguments["project_id"], self.arguments["reviewer"])
        turn = self.arguments["revision"]
        self.acts.append(Act("page", len(self.acts) + 1, *whose, item, turn, label, **more))  # type: ignore[arg-type]

    def receive(self, key: str, home: str, deal, gone: str | None = None) -> int:
        if waiting := self.told.news_of(self.acts):
            deal(waiting, self.told)
        return self.told.take_unsaid()

    def __call__(self, asked: Sequence[AskedQuestion], **arguments) -> ReviewState:
        [lead] = [one for one in asked if one.project_id == arguments["project_id"]]
        self.asked, self.rows, self.arguments = list(asked), list(lead.rows), vars(lead) | arguments
        return ReviewState(self.position, self.asks_more == arguments["revision"])


@pytest.fixture
def browser(monkeypatch: pytest.MonkeyPatch) -> Browser:
    stands_in = Browser()
    monkeypatch.setattr(review_component, "review", stands_in)
    monkeypatch.setattr(review_component, "receive", stands_in.receive)
    return stands_in


def said(at: AppTest) -> str:
    assert not at.exception
    parts = [at.info, at.success, at.error, at.caption, at.markdown, at.warning]
    return " ".join(one.value for part in parts for one in part)


def label_id(wb: Workbench, project: int, name: str) -> int:
    return next(i for i, known in wb.review.label_names(project).items() if known == name)


def test_without_items_the_page_says_so_and_leads_to_data(app: OpenApp, wb: Workbench) -> None:
    task = Task((Label("A"), Label("B")))
    wb.data.import_table(TableData(("text",), [("only",)]), ImportChoice("One", ("text",)), task=task)
    with wb.db.write() as conn:
        conn.exec_driver_sql("DELETE FROM items")
    assert "the project has no items" in said(app("review"))


def test_the_disagreements_of_the_split_that_has_most_of_them_are_shown_first(
    app: OpenApp, wb: Workbench, small: Small, browser: Browser
) -> None:
    at = app("review", project=small.id)
    assert not at.exception
    both = (small.reference, small.other)
    train, validation = (
        wb.review.queue(small.id, QueueFilter(split, both, only_disagreements=True))
        for split in (Split.TRAIN, Split.VALIDATION)
    )
    assert [row.id for row in browser.rows] == train and len(train) > len(validation) > 0
    assert browser.arguments["total"] == len(browser.rows)
    assert wb.compare.looks(small.id) == 0


def test_a_queue_without_items_leads_to_those_of_the_same_kind_in_other_splits(
    app: OpenApp, wb: Workbench, small: Small, browser: Browser
) -> None:
    model = add_model(wb, small, "m", wrong_every=2, split=Split.TRAIN)
    at = app("review", project=small.id, split="validation", queue="labelled", who=model)
    assert "No item matches" in said(at) and not browser.rows
    next(one for one in at.button if one.label == "Train: 30 such items").click().run()
    assert len(browser.rows) == 30


def test_a_link_that_names_one_model_shows_the_reference_the_people_and_that_model_before_the_newer(
    app: OpenApp, wb: Workbench, small: Small, browser: Browser
) -> None:
    model = add_model(wb, small, "older", wrong_every=2)
    add_model(wb, small, "newer", wrong_every=3)
    app("review", project=small.id, **review_parameters(who=model, split="validation"))
    assert [one.annotator for one in browser.rows[0].opinions] == ["maria", "jonas", "older", "newer"]


def test_what_an_earlier_queue_showed_does_not_hide_others_in_the_next(
    app: OpenApp, small: Small, browser: Browser
) -> None:
    at = app("review", project=small.id, queue="all", split="all", shown=small.other)
    assert len(browser.rows[0].opinions) == 1
    for name in list(at.query_params):
        del at.query_params[name]
    for name, value in {"project": str(small.id), **review_parameters(who=small.reference)}.items():
        at.query_params[name] = value
    at.run()
    assert len(browser.rows[0].opinions) == 2


def test_nothing_is_suggested_where_a_cell_was_opened_because_they_differ(
    app: OpenApp, wb: Workbench, small: Small, browser: Browser
) -> None:
    sports, politics = label_id(wb, small.id, "SPORTS"), label_id(wb, small.id, "POLITICS")
    model = add_model(wb, small, "m", wrong_every=2)
    link = review_parameters(who=small.reference, label=sports, also=model, also_label=politics)
    app("review", project=small.id, **link)
    assert {(row.suggestion, row.differ) for row in browser.rows} == {(None, True)}


def test_a_queue_says_how_many_of_it_were_reviewed_before_and_borrows_no_pace(
    app: OpenApp, wb: Workbench, small: Small, browser: Browser
) -> None:
    cell = QueueFilter(labelled_by=small.reference, label_id=label_id(wb, small.id, "SPORTS"))
    ids = wb.review.queue(small.id, cell)
    others = [item for item in wb.review.queue(small.id, QueueFilter()) if item not in ids]
    told = [Decision(n, item, "MONEY", seconds=9.0) for n, item in enumerate([ids[0], *others[:8]], 1)]
    wb.review.store(small.id, "log", "me", told)
    app("review", project=small.id, split="all", who=small.reference, label=cell.label_id)
    assert browser.arguments["reviewed_before"] == 1
    assert browser.arguments["pace"] is None


def test_a_link_to_a_cell_of_the_confusion_matrix_shows_exactly_its_items(
    app: OpenApp, wb: Workbench, small: Small, browser: Browser
) -> None:
    sports, politics = label_id(wb, small.id, "SPORTS"), label_id(wb, small.id, "POLITICS")
    cell = {"who": small.reference, "label": sports, "also": small.other, "also_label": politics}
    link = review_parameters(split="all", **cell)
    app("review", project=small.id, **link)
    where = QueueFilter(labelled_by=small.reference, label_id=sports, also_by=small.other, also_label_id=politics)
    assert [row.id for row in browser.rows] == wb.review.queue(small.id, where)
    assert {row.opinions[0].value for row in browser.rows} == {"SPORTS"}
    assert {row.opinions[1].value for row in browser.rows} == {"POLITICS"}


def test_a_short_link_to_a_cell_means_the_same(app: OpenApp, wb: Workbench, small: Small, browser: Browser) -> None:
    sports = label_id(wb, small.id, "SPORTS")
    app("review", project=small.id, split="all", who=small.other, label=sports)
    where = QueueFilter(labelled_by=small.other, label_id=sports)
    assert [row.id for row in browser.rows] == wb.review.queue(small.id, where)


def test_a_link_to_what_a_comparison_fixed_shows_those_items(
    app: OpenApp, wb: Workbench, small: Small, browser: Browser
) -> None:
    a, b = add_model(wb, small, "a", wrong_every=2), add_model(wb, small, "b", wrong_every=3)
    app(
        "review",
        project=small.id,
        **review_parameters(split="all", seen=True, outcome="fixed", ref=small.reference, a=a, b=b),
    )
    where = QueueFilter(outcome=("fixed", small.reference, a, b))
    assert [row.id for row in browser.rows] == wb.review.queue(small.id, where)


def test_ids_that_are_not_there_fall_back_and_the_page_stands(app: OpenApp, small: Small, browser: Browser) -> None:
    at = app("review", project=small.id, queue="labelled", who=999, label="x", split="nowhere", shown="7,x", order="?")
    assert not at.exception
    assert not at.error
    assert browser.rows
    [warning] = at.warning
    told = warning.value.replace("\\", "")
    assert all(lost in told for lost in ("Annotator 999", "Label x", "Split nowhere", "side by side 7,x", "Order ?"))
    assert not at.run().warning


def test_a_decision_is_stored_under_the_reviewers_name_and_the_queue_stays(
    app: OpenApp, wb: Workbench, small: Small, browser: Browser
) -> None:
    at = app("review", project=small.id, queue="all", me="zoe")
    before, revision = [row.id for row in browser.rows], browser.arguments["revision"]
    browser.label(before[0], "MONEY", seconds=2.0)
    at.run()
    at.run()
    assert [row.id for row in browser.rows] == before
    assert browser.arguments["revision"] == revision
    zoe = wb.review.person(small.id, "zoe")
    assert zoe is not None
    [loaded] = wb.review.load(small.id, [before[0]], [], zoe.id)
    assert loaded.mine == "MONEY"


def test_after_a_reload_what_was_reviewed_is_gone_from_the_queue(app: OpenApp, small: Small, browser: Browser) -> None:
    at = app("review", project=small.id, queue="all", me="zoe")
    first = browser.rows[0].id
    browser.label(first, "MONEY")
    at.run()
    app("review", project=small.id, queue="all", me="zoe")
    assert first not in [row.id for row in browser.rows]


def test_a_queue_that_shows_reviewed_items_too_opens_at_the_first_open_one(
    app: OpenApp, small: Small, browser: Browser
) -> None:
    at = app("review", project=small.id, queue="all", me="zoe", pending="false")
    browser.label(browser.rows[0].id, "MONEY")
    at.run()
    app("review", project=small.id, queue="all", me="zoe", pending="false")
    assert browser.arguments["start_at"] == 1


def test_batches_follow_each_other_and_a_late_decision_on_the_one_before_is_stored(
    app: OpenApp, wb: Workbench, small: Small, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pages._ui.review.sitting.BATCH", 5)
    at = app("review", project=small.id, queue="all", split="all")
    first = [row.id for row in browser.rows]
    browser.asks_more = browser.arguments["revision"]
    at.run()
    assert browser.arguments["done_before"] == 5
    assert not set(first) & {row.id for row in browser.rows}
    browser.label(first[-1], "SPORTS")
    browser.label(browser.rows[0].id, "MONEY")
    at.run()
    me = wb.review.person(small.id, "me")
    assert me is not None
    loaded = wb.review.load(small.id, [first[-1], browser.rows[0].id], [], me.id)
    assert [one.mine for one in loaded] == ["SPORTS", "MONEY"]


def test_what_cannot_be_stored_is_said_and_goes_along_with_the_next_attempt(
    app: OpenApp, wb: Workbench, small: Small, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    from core.services.review.reviewing import Reviewing

    at = app("review", project=small.id, queue="all")
    item = browser.rows[0].id
    whole = Reviewing.store

    def full(*_: object) -> int:
        raise WorkbenchError("The disk is full.", "Free some space.")

    monkeypatch.setattr(Reviewing, "store", full)
    browser.label(item, "MONEY")
    at.run()
    assert "disk is full" in said(at)
    monkeypatch.setattr(Reviewing, "store", whole)
    at.run()
    assert not at.error
    me = wb.review.person(small.id, "me")
    assert me is not None
    assert wb.review.load(small.id, [item], [], me.id)[0].mine == "MONEY"


def test_the_end_of_the_queue_says_what_was_done_and_offers_the_next(
    app: OpenApp, small: Small, browser: Browser
) -> None:
    at = app("review", project=small.id)
    for row in browser.rows:
        browser.label(row.id, "MONEY")
    browser.position = len(browser.rows)
    at.run()
    assert f"{len(browser.rows)} labelled" in said(at)
    assert any("not reviewed yet" in one.proto.label for one in at.get("page_link"))


def test_a_queue_that_is_done_says_so_and_can_be_gone_through_again(
    app: OpenApp, wb: Workbench, small: Small, browser: Browser
) -> None:
    every = wb.review.queue(small.id, QueueFilter())
    wb.review.store(small.id, "log", "me", [Decision(n, i, "MONEY") for n, i in enumerate(every, 1)])
    at = app("review", project=small.id, queue="all", split="all")
    assert "reviewed all 60 items" in said(at)
    next(one for one in at.button if "again" in one.label).click().run()
    assert len(browser.rows) == 60


def test_keys_that_clash_are_named_in_one_sentence(app: OpenApp, wb: Workbench, small: Small) -> None:
    with wb.db.write() as conn:
        conn.exec_driver_sql("UPDATE labels SET key = 'x' WHERE name IN ('SPORTS', 'MONEY')")
    assert "share the key" in said(app("review", project=small.id))


def test_what_could_not_be_stored_is_stored_later_for_its_own_reviewer_and_project(
    wb: Workbench, small: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [(f"other text {n} {'abcde'[n] * 6}",) for n in range(5)]
    task = Task((Label("SPORTS"), Label("MONEY")))
    other = wb.data.import_table(TableData(("text",), rows), ImportChoice("Other", ("text",)), task=task)
    here, there = (wb.review.queue(project, QueueFilter())[0] for project in (small.id, other))
    acts = [
        Act("a", 1, small.id, "ann", here, label="SPORTS"),
        Act("a", 2, small.id, "ben", here, label="MONEY"),
        Act("b", 1, other, "eve", there, label="MONEY"),
    ]
    trouble: list[WorkbenchError] = []
    keeper, told = Keeper(wb, Place(), trouble), Told()
    with monkeypatch.context() as busy:
        busy.setattr(type(wb.review), "store", _busy)
        keeper(acts, told)
    assert told.news_of(acts) == acts and trouble
    keeper(told.news_of(acts), told)
    assert told.news_of(acts) == []
    said = {project: wb.data.labels_of(project, [item])[item] for project, item in ((small.id, here), (other, there))}
    names = {one.id: one.name for project in (small.id, other) for one in wb.projects.annotators(project)}
    people = {names[i]: label for by in said.values() for i, label in by.items() if names[i] in ("ann", "ben", "eve")}
    assert people == {"ann": "SPORTS", "ben": "MONEY", "eve": "MONEY"}
    assert [one.name for one in wb.projects.annotators(other)] == ["eve"]


def test_an_act_that_cannot_be_stored_yet_holds_back_the_later_ones_of_its_log_alone(
    wb: Workbench, small: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = wb.review.queue(small.id, QueueFilter())[0]
    whole = type(wb.review).store

    def busy_for_ann(self, project_id: int, log: str, reviewer: str, decisions):
        return _busy() if reviewer == "ann" else whole(self, project_id, log, reviewer, decisions)

    monkeypatch.setattr(type(wb.review), "store", busy_for_ann)
    acts = [
        Act("a", 1, small.id, "ann", here, label="SPORTS"),
        Act("a", 2, small.id, "ben", here, label="MONEY"),
        Act("b", 1, small.id, "eve", here, label="MONEY"),
    ]
    told = Told()
    Keeper(wb, Place(), [])(acts, told)
    assert told.news_of(acts) == acts[:2]


def test_what_was_kept_before_the_queue_was_made_makes_it_anew(
    app: OpenApp, wb: Workbench, small: Small, browser: Browser
) -> None:
    at = app("review", project=small.id, queue="all", me="zoe")
    first, revision = browser.rows[0].id, browser.arguments["revision"]
    browser.acts = [Act("closed page", 1, small.id, "zoe", first, "another turn", "MONEY")]
    at.run()
    assert first not in [row.id for row in browser.rows]
    assert browser.arguments["revision"] != revision


def test_what_is_decided_on_a_removed_project_waits_says_where_it_is_and_is_stored_once_it_is_restored(
    app: OpenApp, wb: Workbench, small: Small, browser: Browser
) -> None:
    at = app("review", project=small.id, queue="all", me="zoe")
    item = browser.rows[0].id
    browser.label(item, "MONEY")
    wb.projects.remove(small.id)
    at.run()
    assert "was removed, so your last decision on it waits in this browser" in said(at)
    assert "Restore it under “Removed projects” on Projects" in said(at)
    assert browser.told.news_of(browser.acts) == browser.acts and not browser.told.refused
    assert wb.review.person(small.id, "zoe") is None
    wb.projects.restore(small.id)
    at.run()
    assert browser.told.news_of(browser.acts) == [] and not at.error
    zoe = wb.review.person(small.id, "zoe")
    assert zoe is not None
    assert wb.review.load(small.id, [item], [], zoe.id)[0].mine == "MONEY"


def test_what_waits_for_a_removed_project_can_be_stored_with_it_and_is_there_when_it_is_restored(
    app: OpenApp, wb: Workbench, small: Small, browser: Browser
) -> None:
    at = app("review", project=small.id, queue="all", me="zoe")
    item = browser.rows[0].id
    browser.label(item, "MONEY")
    wb.projects.remove(small.id)
    at.run()
    at.button(key=f"review_lay_{small.id}").click().run()
    assert browser.told.news_of(browser.acts) == [] and not browser.told.refused
    assert "waits in this browser" not in said(at)
    assert [one.value for one in at.toast] == ["Stored with the removed project Small."]
    wb.projects.restore(small.id)
    zoe = wb.review.person(small.id, "zoe")
    assert zoe is not None
    assert wb.review.load(small.id, [item], [], zoe.id)[0].mine == "MONEY"
    wb.projects.remove(small.id)
    for label in ("SPORTS", "POLITICS"):
        browser.label(item, label)
    assert "so your last 2 decisions on it wait in this browser" in said(at.run())


@pytest.mark.parametrize("page", ["agreement", "export"])
def test_what_this_browser_has_not_brought_yet_is_stored_before_it_is_counted_or_taken_away(
    app: OpenApp, wb: Workbench, small: Small, browser: Browser, page: str
) -> None:
    items = wb.review.queue(small.id, QueueFilter())
    browser.acts = [Act("left", n + 1, small.id, "zoe", item, "", "MONEY") for n, item in enumerate(items[:2])]
    at = app(page, project=small.id)
    assert not at.exception and browser.told.news_of(browser.acts) == []
    zoe = wb.review.person(small.id, "zoe")
    assert zoe is not None and wb.projects.annotated_counts(small.id)[zoe.id] == 2
    browser.acts.append(Act("left", 3, small.id, "zoe", items[2], "", "MONEY"))
    wb.projects.remove(small.id)
    assert "your last decision on it waits in this browser" in said(at.run())


def test_decisions_on_another_project_are_stored_while_those_on_a_removed_one_wait(wb: Workbench, small: Small) -> None:
    rows = [(f"other text {n} {'abcde'[n] * 6}",) for n in range(5)]
    task = Task((Label("SPORTS"), Label("MONEY")))
    other = wb.data.import_table(TableData(("text",), rows), ImportChoice("Other", ("text",)), task=task)
    here, there = (wb.review.queue(project, QueueFilter())[0] for project in (small.id, other))
    wb.projects.remove(small.id)
    acts = [Act("a.1", 1, small.id, "ann", here, label="SPORTS"), Act("a.2", 2, other, "ann", there, label="MONEY")]
    told, trouble = Told(), list[WorkbenchError]()
    Keeper(wb, Place(), trouble)(acts, told)
    assert told.news_of(acts) == acts[:1]
    assert [one.message for one in trouble] == [
        f"The project {wb.projects.get(small.id).name} was removed, so your last decision on it waits in this browser."
    ]


def test_a_run_that_ends_keeps_its_seat_while_the_next_one_stores_what_makes_the_queue_anew(
    wb: Workbench, small: Small
) -> None:
    ids = wb.review.queue(small.id, QueueFilter())
    place = Place()
    seat = place.seat = Seat("a queue", place.news, ids, 0, 0)
    act = Act("closed page", 1, small.id, "zoe", ids[0], "another turn", "MONEY")
    Keeper(wb, place, [])([act], Told())  # what the next run does first, while this one still draws
    assert (seat.queue_name, seat.ids) == (Seat("a queue", "", [], 0, 0).queue_name, ids)
    assert place.news != seat.news
    place.move(replace(seat, at=200), 400)
    assert place.seat is seat


def test_the_browser_is_told_which_label_took_the_place_of_one_that_was_merged_away(
    app: OpenApp, wb: Workbench, small: Small, browser: Browser
) -> None:
    sports, money = (label.id for label in wb.tasks.get(small.id).labels[:2])
    assert sports is not None and money is not None
    at = app("review", project=small.id, queue="all", me="zoe")
    assert browser.arguments["merged"] == {}
    wb.tasks.merge(small.id, sports, money)
    at.run()
    assert browser.arguments["merged"] == {sports: money}


def _busy(*_: object) -> int:
    raise WorkbenchError("The database is busy.")


def test_a_batch_of_huge_texts_is_cut_but_never_to_nothing() -> None:
    rows = [ReviewRow(n, "x" * 60) for n in range(4)]
    assert len(within(130, rows)) == 2
    assert len(within(10, rows)) == 1


def test_a_link_spells_out_all_that_matters() -> None:
    assert review_parameters(split="test", who=1, label=7) == {
        "queue": "labelled",
        "split": "test",
        "who": "1",
        "label": "7",
        "also": "any",
        "order": "random",
        "pending": "false",
        "models_on_test": "0",
    }
    assert review_parameters(who=1, label=7)["split"] == "open"
    assert review_parameters(split="all", who=1, label=7, seen=True)["models_on_test"] == "1"
    assert "shown" not in review_parameters(run=4, shown=[7])
    assert review_parameters(run=4, only="errors")["only"] == "errors"
    assert review_parameters(who=3, below=0.5)["queue"] == "unsure"
    assert review_parameters(queue="disagreements", shown=(1, 2))["pending"] == "true"


def test_nothing_of_the_session_keeps_a_handle(app: OpenApp, small: Small, browser: Browser) -> None:
    at = app("review", project=small.id)
    place = at.session_state["review_seat"]
    plain = (str, int, list, tuple, dict, float, type(None))
    for held in (place.seat, place.batch):
        assert all(isinstance(value, plain) for value in vars(held).values())


def test_all_questions_are_asked_on_one_screen_or_one_alone_and_answers_go_to_their_own(
    app: OpenApp, wb: Workbench, small: Small, browser: Browser
) -> None:
    marks = wb.projects.ask_further(small.id, "Names", QuestionKind.SPANS, ["person"])
    wb.projects.ask_further(small.id, "Empty", QuestionKind.SINGLE_LABEL)  # without labels nobody can answer it
    app("review", project=small.id, queue="all", split="open", me="zoe")
    assert [one.project_id for one in browser.asked] == [small.id, marks]
    assert [row.id for row in browser.asked[1].rows] == [row.id for row in browser.rows]
    item = browser.rows[0].id
    turn = browser.arguments["revision"]
    [person] = [label.id for label in wb.tasks.get(marks).labels]
    browser.label(item, "SPORTS")
    browser.acts.append(Act("marks", 1, marks, "zoe", item, turn, value=[[0, 4, person]]))
    app("review", project=small.id, queue="all", split="open", me="zoe")
    assert item not in [row.id for row in browser.rows]
    app("review", project=marks, queue="all", split="open", pending="false", me="zoe")
    assert {row.id: row.mine for row in browser.rows}[item] == [[0, 4, person]]
    app("review", project=marks, queue="all", split="open", me="zoe", questions="one")
    assert [one.project_id for one in browser.asked] == [marks] and item not in [row.id for row in browser.rows]


def test_an_item_stays_in_the_queue_until_the_last_question_about_it_is_answered(
    app: OpenApp, wb: Workbench, small: Small, browser: Browser
) -> None:
    wb.projects.ask_further(small.id, "Stars", QuestionKind.RATING)
    app("review", project=small.id, queue="all", split="open", me="zoe")
    item = browser.rows[0].id
    browser.label(item, "SPORTS")
    app("review", project=small.id, queue="all", split="open", me="zoe")
    assert item in [row.id for row in browser.rows]
    app("review", project=small.id, queue="all", split="open", me="zoe", questions="one")
    assert item not in [row.id for row in browser.rows]


def test_a_question_that_is_asked_alone_leaves_out_what_its_reviewer_is_not_asked(
    app: OpenApp, wb: Workbench, small: Small, browser: Browser
) -> None:
    stars = wb.projects.ask_further(small.id, "Stars", QuestionKind.RATING)
    wb.projects.name_question(small.id, "Subject")
    sports = label_id(wb, small.id, "SPORTS")
    wb.projects.ask_only_where(stars, small.id, [sports])
    alone = {"project": stars, "queue": "all", "split": "open", "me": "zoe"}
    at = app("review", **alone, questions="one")
    assert "is asked only where “Subject” is SPORTS, by your own answers" in said(at)
    next(one for one in at.button if one.label == "Answer all questions together").click().run()
    assert [one.hangs.labels if one.hangs else () for one in browser.asked] == [(), (sports,)]
    first, second = (row.id for row in browser.rows[:2])
    app("review", **alone | {"project": small.id}, questions="one")
    browser.label(first, "POLITICS")
    browser.label(second, "SPORTS")
    app("review", **alone, questions="all")
    items = [row.id for row in browser.rows]
    assert second in items and first not in items
    app("review", **alone, questions="all", pending="false")
    assert [row.id for row in browser.rows][:2] == [first, second] and browser.arguments["start_at"] == 1
    app("review", **alone, questions="one")
    assert [row.id for row in browser.rows] == [second] and not browser.asked[0].hangs
