"""A further question that is asked only where an earlier one has certain answers."""

import csv
import io
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import pytest

from core.errors import WorkbenchError
from core.importers import FurtherQuestion
from core.model import Condition, Having, Label, QuestionKind, Split, TableData
from core.services.asking.deciding import OWN
from core.services.data.choice import ImportChoice
from core.services.export.exporting import TOOL
from core.services.learning.fine_tuning import TuneRequest
from core.services.review.reviewing import Decision, QueueFilter
from core.services.runs.running import ModelRef, RunRequest, Which
from core.storage import items
from core.workbench import Workbench
from pages._ui.review.asking import labels_in
from pages._ui.review.held import held
from tests.fakes.host import FakeHost
from tests.fakes.waiting import finished
from tests.fakes.worlds import MODEL

TOXIC, MILD = 10, 20
"""Of the first so many items the imported labels say toxic, of so many after these mild."""


@dataclass
class Asked:
    """Whether a note is toxic, and how severe it is where it is."""

    wb: Workbench
    toxic: int
    severe: int

    def label(self, project: int, name: str) -> int:
        return next(one.id or 0 for one in self.wb.tasks.get(project).choices if one.name == name)

    def only_where(self, *names: str) -> None:
        labels = [self.label(self.toxic, name) for name in names]
        self.wb.projects.ask_only_where(self.severe, self.toxic, labels)

    def says(self, who: str, project: int, answers: dict[int, str | None]) -> None:
        """The answers of a person, by item; None takes one back."""
        acts = [
            Decision(seq=place, item_id=item, label=label, takes_back=label is None)
            for place, (item, label) in enumerate(answers.items(), start=1)
        ]
        log = f"{who} {project} {sorted(answers.items(), key=str)}"
        self.wb.review.store(project, log, who, acts)

    def items(self) -> list[int]:
        return sorted(self.wb.review.queue(self.toxic, QueueFilter()))


@pytest.fixture
def asked(workbench: Workbench) -> Asked:
    said = ["toxic"] * TOXIC + ["mild"] * MILD + ["fine"] * 10
    rows = [(f"note {n} {'abcdefg'[n % 7] * 9} {n * 7919}", label) for n, label in enumerate(said)]
    rows += [(f"unlabelled {n} {n * 104729}", "") for n in range(5)]
    table = TableData(("text", "toxicity"), rows, "made for a test")
    toxic = workbench.data.import_table(table, ImportChoice("Notes", ("text",), ("toxicity",)))
    workbench.data.split(toxic)
    severe = workbench.projects.ask_further(toxic, "How severe?", QuestionKind.RATING, ["low", "high"])
    workbench.projects.name_question(toxic, "Toxic?")
    return Asked(workbench, toxic, severe)


def test_every_item_is_asked_until_a_condition_is_set_and_again_once_it_is_dropped(asked: Asked) -> None:
    projects = asked.wb.projects
    assert (projects.condition(asked.severe), projects.asked_where(asked.severe)) == (None, "")
    asked.only_where("toxic", "mild")
    on = Condition(asked.toxic, (asked.label(asked.toxic, "toxic"), asked.label(asked.toxic, "mild")))
    assert projects.condition(asked.severe) == on
    assert projects.asked_where(asked.severe) == "only where “Toxic?” is toxic or mild"
    projects.ask_always(asked.severe)
    assert projects.condition(asked.severe) is None


def test_what_it_comes_to_is_said_by_the_reference_before_it_is_saved(asked: Asked) -> None:
    about = asked.wb.projects.asked_about(asked.severe, asked.toxic, [asked.label(asked.toxic, "mild")])
    assert (about.asked, about.items, about.unknown) == (MILD, 45, 5)
    assert about.by is not None and about.by.name == "toxicity"
    assert asked.wb.projects.condition(asked.severe) is None


def test_a_chain_counts_only_items_on_which_every_link_holds(asked: Asked) -> None:
    wb, items = asked.wb, asked.items()
    why = wb.projects.ask_further(asked.toxic, "Why?", QuestionKind.SINGLE_LABEL, ["slur", "threat"])
    asked.only_where("toxic")
    high = asked.label(asked.severe, "high")
    wb.projects.ask_only_where(why, asked.severe, [high])
    asked.says("zoe", asked.toxic, {items[0]: "toxic", items[1]: "fine", items[2]: "toxic"})
    asked.says("zoe", asked.severe, {items[0]: "high", items[1]: "high", items[2]: "low"})
    where = QueueFilter(open_to=(wb.review.answering(why, "zoe"),))
    assert wb.review.queue(why, where) == [items[0]]
    zoe = wb.review.person(asked.severe, "zoe")
    assert zoe is not None
    wb.projects.set_reference(asked.severe, zoe.id)
    assert wb.projects.asked_about(why, asked.severe, [high]).asked == 1


def test_an_item_is_open_to_a_reviewer_where_their_own_earlier_answer_asks_the_question(asked: Asked) -> None:
    wb, items = asked.wb, asked.items()
    asked.only_where("toxic")

    def left(who: str) -> list[int]:
        return sorted(wb.review.queue(asked.severe, QueueFilter(open_to=(wb.review.answering(asked.severe, who),))))

    asked.says("zoe", asked.toxic, {items[0]: "toxic", items[1]: "toxic", items[2]: "mild"})
    asked.says("max", asked.toxic, {items[2]: "toxic"})
    assert (left("zoe"), left("max"), left("new")) == (items[:2], items[2:3], [])
    asked.says("zoe", asked.severe, {items[0]: "high"})
    assert left("zoe") == items[1:2]
    asked.says("zoe", asked.toxic, {items[1]: "fine", items[2]: "toxic"})
    assert left("zoe") == items[2:3]


def test_an_answer_is_kept_where_the_question_is_asked_no_more(asked: Asked) -> None:
    wb, item = asked.wb, asked.items()[0]
    asked.only_where("toxic")
    asked.says("zoe", asked.toxic, {item: "toxic"})
    asked.says("zoe", asked.severe, {item: "high"})
    asked.says("zoe", asked.toxic, {item: "fine"})
    zoe = wb.review.person(asked.severe, "zoe")
    assert zoe is not None
    [shown] = wb.review.load(asked.severe, [item], [], zoe.id)
    assert shown.mine == "high" and len(shown.history) == 1


def test_no_two_questions_hang_on_one_another_nor_one_on_itself(asked: Asked) -> None:
    wb = asked.wb
    asked.only_where("toxic")
    high = asked.label(asked.severe, "high")
    for project, on in ((asked.toxic, asked.severe), (asked.severe, asked.severe)):
        with pytest.raises(WorkbenchError, match="earlier one"):
            wb.projects.ask_only_where(project, on, [high])
    assert wb.projects.condition(asked.toxic) is None and wb.projects.can_decide(asked.toxic) == []


def test_a_question_that_is_answered_in_words_decides_nothing(asked: Asked) -> None:
    words = asked.wb.projects.ask_further(asked.toxic, "Words", QuestionKind.TEXT, [])
    after = asked.wb.projects.ask_further(asked.toxic, "After", QuestionKind.RATING)
    assert [one.id for one in asked.wb.projects.can_decide(after)] == [asked.toxic, asked.severe]
    with pytest.raises(WorkbenchError, match="earlier one"):
        asked.wb.projects.ask_only_where(after, words, [1])


@dataclass
class Deciding:
    """An earlier question of some kind, what one annotator says to it of each item, and a later one."""

    asked: Asked
    on: int
    after: int
    said: dict[int, Any]

    def asks(self, having: Having, *names: str) -> list[int]:
        """The places of the items that the later question is asked of, in words of a filter, in Review's own reading,
        and by what a figure leaves out: all three the same."""
        wb = self.asked.wb
        wb.projects.ask_only_where(self.after, self.on, [self.asked.label(self.on, one) for one in names], having)
        where = QueueFilter(open_to=(wb.review.answering(self.after, "zoe"),))
        items = self.asked.items()[: len(self.said)]
        found = [items.index(one) for one in sorted(wb.review.queue(self.after, where))]
        assert found == self._on_screen(), "the screen asks what the database does"
        zoe = wb.review.person(self.on, "zoe")
        wb.projects.set_reference(self.on, zoe.id)
        labels = [self.asked.label(self.on, one) for one in names]
        about = wb.projects.asked_about(self.after, self.on, labels, having)
        assert (about.asked, about.unknown) == (len(found), 45 - len(self.said))
        return found

    def _on_screen(self) -> list[int]:
        holds = self.asked.wb.projects.condition_holds(self.after)
        names = self.asked.wb.review.label_names(self.on)
        ids = {name: label for label, name in names.items()}
        found = []
        for place, said in enumerate(self.said.values()):
            within = labels_in(held(said, ids), names)
            if within.isdisjoint(names[one] for one in holds.labels) is holds.lacks:
                found.append(place)
        return found


def deciding(asked: Asked, kind: QuestionKind, names: Sequence[str], *said: Any, **options: Any) -> Deciding:
    """`said` of the first items in their order; a name, a set of names, or marks as `[start, end, name]`."""
    wb, items = asked.wb, asked.items()
    on = wb.projects.ask_further(asked.toxic, "Earlier", kind, list(names))
    if options:
        task = wb.tasks.get(on)
        wb.tasks.save(on, replace(task, options=replace(task.options, **options)))
    after = wb.projects.ask_further(asked.toxic, "After", QuestionKind.RATING)
    told = dict(zip(items, said, strict=False))

    def stored(one: Any) -> dict[str, Any]:
        if isinstance(one, str):
            return {"label": one}
        ids = {label.name: label.id for label in wb.tasks.get(on).choices}
        return {"value": held(one, ids)}

    acts = [Decision(n, item, **stored(one)) for n, (item, one) in enumerate(told.items(), start=1)]
    wb.review.store(on, "log", "zoe", acts)
    return Deciding(asked, on, after, told)


def test_a_level_from_one_up_or_down_decides_also_once_levels_are_added(asked: Asked) -> None:
    one = deciding(
        asked, QuestionKind.RATING, ["low", "some", "high"], "low", "some", "high", "UNABLE_TO_CLASSIFY", "high"
    )
    wb, projects = asked.wb, asked.wb.projects
    assert one.asks(Having.AT_LEAST, "some") == [1, 2, 4]
    assert projects.asked_where(one.after) == "only where “Earlier” is at least some"
    assert one.asks(Having.AT_MOST, "some") == [0, 1]
    assert one.asks(Having.ONE_OF, "low", "high") == [0, 2, 4]
    assert one.asks(Having.AT_LEAST, "high") == [2, 4]
    task = wb.tasks.get(one.on)
    wb.tasks.save(one.on, replace(task, labels=(*task.labels, Label("extreme", score=9.0))))
    wb.review.store(one.on, "another log", "zoe", [Decision(1, asked.items()[0], label="extreme")])
    where = QueueFilter(open_to=(wb.review.answering(one.after, "zoe"),))
    assert sorted(wb.review.queue(one.after, where)) == [asked.items()[at] for at in (0, 2, 4)]
    with pytest.raises(WorkbenchError, match="cannot decide by “none of”"):
        projects.ask_only_where(one.after, one.on, [asked.label(one.on, "low")], Having.NONE_OF)
    with pytest.raises(WorkbenchError, match="one level"):
        levels = [asked.label(one.on, name) for name in ("low", "high")]
        projects.ask_only_where(one.after, one.on, levels, Having.AT_LEAST)
    with pytest.raises(WorkbenchError, match="one level"):
        projects.ask_only_where(one.after, one.on, [asked.label(one.on, "UNABLE_TO_CLASSIFY")], Having.AT_MOST)


def test_a_set_decides_by_what_it_has_and_by_what_it_lacks(asked: Asked) -> None:
    said = (["slur"], ["slur", "threat"], ["spam"], [], ["UNABLE_TO_CLASSIFY"])
    one = deciding(asked, QuestionKind.SEVERAL_LABELS, ["slur", "threat", "spam"], *said, allow_empty=True)
    assert one.asks(Having.ONE_OF, "threat", "spam") == [1, 2]
    assert one.asks(Having.NONE_OF, "slur") == [2, 3]
    assert asked.wb.projects.asked_where(one.after) == "only where “Earlier” has none of slur"


def test_marks_decide_by_whether_there_are_any_and_by_their_labels(asked: Asked) -> None:
    said = ([[0, 4, "slur"]], [[0, 4, "threat"], [5, 6, "slur"]], [], [[0, 2, "threat"]])
    one = deciding(asked, QuestionKind.SPANS, ["slur", "threat"], *said)
    assert one.asks(Having.ANY) == [0, 1, 3]
    assert asked.wb.projects.asked_where(one.after) == "only where “Earlier” has any mark"
    assert one.asks(Having.NOTHING) == [2]
    assert one.asks(Having.ONE_OF, "threat") == [1, 3]
    assert asked.wb.projects.asked_where(one.after) == "only where “Earlier” has a mark of threat"
    assert one.asks(Having.NONE_OF, "slur") == [2, 3]


def test_one_label_decides_by_what_it_is_not_and_the_fallback_says_nothing(asked: Asked) -> None:
    wb = asked.wb
    on = wb.projects.ask_further(asked.toxic, "Better", QuestionKind.SINGLE_LABEL, ["first", "tie", "second"])
    after = wb.projects.ask_further(asked.toxic, "Why", QuestionKind.TEXT, [])
    items = asked.items()
    asked.says("zoe", on, {items[0]: "first", items[1]: "tie", items[2]: "UNABLE_TO_CLASSIFY", items[3]: "second"})
    wb.projects.ask_only_where(after, on, [asked.label(on, "tie")], Having.NONE_OF)
    where = QueueFilter(open_to=(wb.review.answering(after, "zoe"),))
    assert sorted(wb.review.queue(after, where)) == [items[0], items[3]], "who is unable has said nothing"
    assert wb.projects.asked_where(after) == "only where “Better” is not tie"


def test_a_label_by_which_an_answer_must_lack_is_not_removed_either(asked: Asked) -> None:
    asked.wb.projects.ask_only_where(asked.severe, asked.toxic, [asked.label(asked.toxic, "fine")], Having.NONE_OF)
    task = asked.wb.tasks.get(asked.toxic)
    left = tuple(label for label in task.labels if label.name != "fine")
    with pytest.raises(WorkbenchError, match="“How severe.” is asked only where"):
        asked.wb.tasks.save(asked.toxic, replace(task, labels=left))


def test_a_question_of_other_items_decides_nothing(asked: Asked) -> None:
    table = TableData(("text", "label"), [(f"t{n}", "ab"[n % 2]) for n in range(8)], "made for a test")
    other = asked.wb.data.import_table(table, ImportChoice("Others", ("text",), ("label",)))
    further = asked.wb.projects.ask_further(other, "More?", QuestionKind.RATING)
    with pytest.raises(WorkbenchError, match="same items"):
        asked.wb.projects.ask_only_where(further, asked.toxic, [asked.label(asked.toxic, "toxic")])


@pytest.mark.parametrize("labels", [[], [10**6]])
def test_a_condition_needs_labels_that_there_are(asked: Asked, labels: list[int]) -> None:
    with pytest.raises(WorkbenchError, match="label"):
        asked.wb.projects.ask_only_where(asked.severe, asked.toxic, labels)
    assert asked.wb.projects.condition(asked.severe) is None


def test_a_label_that_decides_is_not_removed_but_may_be_merged_and_the_condition_follows_both_ways(
    asked: Asked,
) -> None:
    wb = asked.wb
    asked.only_where("toxic")
    task = wb.tasks.get(asked.toxic)
    without = replace(task, labels=tuple(one for one in task.labels if one.name != "toxic"))
    with pytest.raises(WorkbenchError, match="“How severe\\?” is asked only where"):
        wb.tasks.save(asked.toxic, without)
    assert wb.tasks.get(asked.toxic) == task
    toxic, mild = asked.label(asked.toxic, "toxic"), asked.label(asked.toxic, "mild")
    wb.tasks.merge(asked.toxic, toxic, mild)
    assert wb.projects.asked_where(asked.severe) == "only where “Toxic?” is mild"
    assert wb.projects.asked_about(asked.severe, asked.toxic, [mild]).asked == TOXIC + MILD
    wb.tasks.restore(asked.toxic, toxic)
    assert wb.projects.asked_where(asked.severe) == "only where “Toxic?” is toxic"


def test_a_question_on_which_another_hangs_is_not_removed_and_one_is_restored_after_what_it_hangs_on(
    asked: Asked,
) -> None:
    wb = asked.wb
    why = wb.projects.ask_further(asked.toxic, "Why?", QuestionKind.SINGLE_LABEL, ["slur", "threat"])
    wb.projects.ask_only_where(why, asked.severe, [asked.label(asked.severe, "high")])
    with pytest.raises(WorkbenchError, match="“Why\\?” is asked only where “How severe\\?”"):
        wb.projects.remove(asked.severe)
    wb.projects.remove(why)
    wb.projects.remove(asked.severe)
    with pytest.raises(WorkbenchError, match="that question was removed"):
        wb.projects.restore(why)
    wb.projects.restore(asked.severe)
    wb.projects.restore(why)
    assert wb.projects.asked_where(why) == "only where “How severe?” is high"
    wb.projects.remove(asked.toxic)
    wb.projects.restore(asked.toxic)
    assert len(wb.projects.questions(asked.toxic)) == 3


def test_a_question_whose_labels_went_while_it_was_removed_is_restored_after_one_of_them(asked: Asked) -> None:
    wb = asked.wb
    asked.only_where("toxic")
    wb.projects.remove(asked.severe)
    task = wb.tasks.get(asked.toxic)
    wb.tasks.save(asked.toxic, replace(task, labels=tuple(one for one in task.labels if one.name != "toxic")))
    with pytest.raises(WorkbenchError, match="labels were removed"):
        wb.projects.restore(asked.severe)
    [gone] = wb.tasks.removed(asked.toxic)
    wb.tasks.restore(asked.toxic, gone.label.id or 0)
    wb.projects.restore(asked.severe)
    assert wb.projects.asked_where(asked.severe) == "only where “Toxic?” is toxic"


def person(asked: Asked, name: str) -> int:
    found = asked.wb.review.person(asked.severe, name)
    assert found is not None
    return found.id


def both_say(asked: Asked) -> list[int]:
    """Zoe and Max on eight items: both rate six of which each is asked, they differ on one of these; each alone is
    asked one more; and what Max says of the ninth he said before he took its toxicity back."""
    items = asked.items()
    asked.only_where("toxic")
    asked.says("zoe", asked.toxic, dict.fromkeys(items[:7], "toxic") | {items[7]: "fine", items[8]: "toxic"})
    asked.says("max", asked.toxic, dict.fromkeys(items[:6], "toxic") | {items[6]: "mild"})
    asked.says("max", asked.toxic, dict.fromkeys(items[7:9], "toxic"))
    asked.says("zoe", asked.severe, dict.fromkeys(items[:7], "high") | {items[8]: "low"})
    asked.says("max", asked.severe, dict.fromkeys(items[:5], "high") | {items[5]: "low", items[7]: "low"})
    asked.says("max", asked.severe, {items[8]: "high"})
    asked.says("max", asked.toxic, {items[8]: "fine"})
    return items


def test_figures_count_what_both_are_asked_and_say_how_many_only_one_was(asked: Asked) -> None:
    both_say(asked)
    wb, zoe, max_ = asked.wb, person(asked, "zoe"), person(asked, "max")
    view = wb.agreement.view(asked.severe, zoe, [max_], None)
    [one] = view.candidates
    assert (one.n, one.pairing.agreements) == (6, 5)
    assert one.asked_of_one == "3 items were asked of one of the two only: their answers to “Toxic?” differ."
    assert view.people is not None and view.people.alpha.n == 6
    before = wb.agreement.stamp(asked.severe)
    wb.projects.ask_always(asked.severe)
    assert wb.agreement.stamp(asked.severe) != before
    [freely] = wb.agreement.view(asked.severe, zoe, [max_], None).candidates
    assert (freely.n, freely.pairing.agreements, freely.asked_of_one) == (7, 5, "")


def test_the_items_behind_a_disagreement_are_those_both_are_asked(asked: Asked) -> None:
    items = both_say(asked)
    two = (person(asked, "zoe"), person(asked, "max"))
    where = QueueFilter(shown=two, only_disagreements=True)
    assert asked.wb.review.queue(asked.severe, where) == [items[5]]
    assert asked.wb.review.count(asked.severe, where) == 1
    assert asked.wb.review.count(asked.severe, replace(where, shown=(10**9,))) == 0
    asked.wb.projects.ask_always(asked.severe)
    assert sorted(asked.wb.review.queue(asked.severe, where)) == [items[5], items[8]]


@pytest.fixture
def request_(asked: Asked) -> RunRequest:
    version = asked.wb.prompts.save(asked.severe, "Choose one of:\n{{labels}}", "{{text}}", "plain")
    return RunRequest(asked.severe, (version.id,), (ModelRef("openai", MODEL),), split=None)


def test_a_run_asks_only_where_the_reference_of_the_earlier_question_says_so_and_counts_the_rest(
    asked: Asked, request_: RunRequest, fake_host: FakeHost
) -> None:
    wb = asked.wb
    [every] = wb.runs.plan(request_)
    assert (every.calls, every.not_asked, every.unknown, "asked_by" in every.cell.config) == (45, 0, 0, False)
    before = wb.runs.estimate_stamp(request_)
    asked.only_where("toxic")
    assert wb.runs.estimate_stamp(request_) != before
    [cell] = wb.runs.estimate(request_).cells
    assert (cell.items, cell.not_asked, cell.unknown) == (TOXIC, MILD + 10, 5)
    run = finished(wb, wb.runs.start(request_)[0])
    assert (run.total, len(fake_host.asked)) == (TOXIC, TOXIC)
    assert run.config["asked_where"] == "only where “Toxic?” is toxic, as answered by toxicity"
    [few] = wb.runs.plan(replace(request_, n=4, which=Which.ALL))
    assert len(few.item_ids) == 4 and set(few.item_ids) <= set(asked.items()[:TOXIC])


def test_the_answers_of_somebody_else_or_of_the_model_itself_decide_where_that_is_chosen(
    asked: Asked, request_: RunRequest, fake_host: FakeHost
) -> None:
    wb, items = asked.wb, asked.items()
    asked.only_where("toxic")
    asked.says("zoe", asked.toxic, {items[-1]: "toxic", items[0]: "fine"})
    names = [one.name for one in wb.runs.deciders(asked.severe)]
    zoe = wb.runs.deciders(asked.severe)[names.index("zoe")]
    [by_zoe] = wb.runs.plan(replace(request_, asked_by=zoe.id))
    assert (names[0], by_zoe.item_ids, by_zoe.not_asked, by_zoe.unknown) == ("toxicity", (items[-1],), 1, 43)
    with pytest.raises(WorkbenchError, match=f"{MODEL} has not answered “Toxic\\?” yet"):
        wb.runs.plan(replace(request_, asked_by=OWN))
    version = wb.prompts.save(asked.toxic, "{{labels}}", "{{text}}", "plain")
    fake_host.answer = lambda text: "toxic" if "note 3" in text else "fine"
    earlier = RunRequest(asked.toxic, (version.id,), (ModelRef("openai", MODEL),), split=None, n=40)
    finished(wb, wb.runs.start(earlier)[0])
    model = next(one.id for one in wb.runs.deciders(asked.severe) if one.name == f"{MODEL} · v1")
    toxic = wb.review.queue(asked.toxic, QueueFilter(labelled_by=model, label_id=asked.label(asked.toxic, "toxic")))
    [own] = wb.runs.plan(replace(request_, asked_by=OWN))
    assert toxic and (list(own.item_ids), own.unknown) == (sorted(toxic), 5)


def test_a_run_is_refused_where_nobody_who_decides_has_answered(asked: Asked, request_: RunRequest) -> None:
    wb = asked.wb
    later = wb.projects.ask_further(asked.toxic, "Why?", QuestionKind.SINGLE_LABEL, ["slur", "threat"])
    wb.projects.ask_only_where(later, asked.severe, [asked.label(asked.severe, "high")])
    version = wb.prompts.save(later, "{{labels}}", "{{text}}", "plain")
    with pytest.raises(WorkbenchError, match="nobody who decides has answered “How severe\\?” yet"):
        wb.runs.start(replace(request_, project_id=later, version_ids=(version.id,)))
    assert wb.runs.all(later) == []


def test_figures_of_a_model_say_how_many_items_it_was_not_asked(
    asked: Asked, request_: RunRequest, fake_host: FakeHost
) -> None:
    wb, items = asked.wb, asked.items()
    asked.only_where("toxic")
    fake_host.answer = lambda text: "high"
    run = finished(wb, wb.runs.start(request_)[0])
    asked.says("zoe", asked.toxic, dict.fromkeys(items[:4] + items[TOXIC : TOXIC + 2], "toxic"))
    asked.says("zoe", asked.severe, dict.fromkeys(items[:4] + items[TOXIC : TOXIC + 2], "high"))
    [one] = wb.agreement.view(asked.severe, person(asked, "zoe"), [run.annotator_id], None).candidates
    assert (one.n, one.pairing.agreements, one.whole, one.missing) == (4, 4, 6, 2)
    assert one.asked_of_one == "2 items were asked of one of the two only: their answers to “Toxic?” differ."


def test_a_file_has_no_answer_where_the_question_is_not_asked_and_the_history_has_all(asked: Asked) -> None:
    items = both_say(asked)
    wb, severe = asked.wb, asked.severe

    def rows(shape: str, **how: Any) -> list[dict[str, str]]:
        content = wb.export.file(severe, shape=shape, file_format="csv", **how).decode("utf-8-sig")
        found = list(csv.DictReader(io.StringIO(content)))
        assert len(found) == wb.export.count_rows(severe, shape=shape, **how)
        return found

    said = Counter(row["annotator"] for row in rows("long"))
    assert (said["zoe"], said["max"], wb.export.left_out(severe)) == (8, 7, 1)
    everything = Counter(row["annotator"] for row in rows("long", with_history=True))
    assert (everything["zoe"], everything["max"]) == (8, 8)
    wide = {row["item_id"]: row for row in rows("wide")}
    assert (wide[str(items[8])]["label:zoe"], wide[str(items[8])]["label:max"]) == ("low", "")
    tool = next(iter(wb.export.tool_formats(severe)))
    before = wb.export.file(severe, shape=TOOL, file_format=tool)
    wb.projects.ask_always(severe)
    assert wb.export.file(severe, shape=TOOL, file_format=tool) != before
    assert Counter(row["annotator"] for row in rows("long"))["max"] == 8


def test_only_items_that_are_asked_are_taught_and_the_pre_flight_says_so(asked: Asked) -> None:
    wb = asked.wb
    version = wb.prompts.save(asked.severe, "{{labels}}", "{{text}}", "plain")
    with wb.db.read() as conn:
        train = items.ids_in(conn, asked.severe, Split.TRAIN)
    asked.only_where("toxic")
    asked.says("zoe", asked.toxic, dict.fromkeys(train[:12], "toxic"))
    asked.says("zoe", asked.severe, dict.fromkeys(train[:6], "high") | dict.fromkeys(train[6:12], "low"))
    asked.says("zoe", asked.toxic, {train[0]: "fine", train[1]: None})
    zoe = person(asked, "zoe")
    ready = wb.fine_tunes.preflight(TuneRequest(asked.severe, zoe, version.id))
    assert [one.item_id for one in ready.training.train] == train[1:12]
    [said] = [one.finding for one in ready.checks if one.title == "Only items that are asked"]
    assert said == "The question is asked only where “Toxic?” is toxic; 1 answer from before is left out."
    assert wb.fine_tunes.teachers(asked.severe)[zoe] == 11
    assert train[0] not in {item.id for item, _ in wb.prompts.example_candidates(asked.severe, zoe)}
    wb.projects.ask_always(asked.severe)
    freely = wb.fine_tunes.preflight(TuneRequest(asked.severe, zoe, version.id))
    assert len(freely.training.train) == 12 == wb.fine_tunes.teachers(asked.severe)[zoe]


def test_others_see_no_answer_that_its_giver_is_not_asked_any_more_and_the_giver_does(asked: Asked) -> None:
    items = both_say(asked)
    wb, zoe, max_ = asked.wb, person(asked, "zoe"), person(asked, "max")
    [to_zoe] = wb.review.load(asked.severe, [items[8]], [max_], zoe)
    [to_max] = wb.review.load(asked.severe, [items[8]], [zoe, max_], max_)
    assert ([said for _, said in to_zoe.opinions], to_max.mine) == ([None], "high")


def test_prompts_are_tried_on_items_that_are_asked(asked: Asked) -> None:
    asked.only_where("toxic")
    tried = asked.wb.prompts.trial_items(asked.severe, split=None, n=40)
    assert {item.id for item in tried} <= set(asked.items()[:TOXIC]) and tried


def test_a_condition_is_proposed_where_the_answers_in_the_file_are_so_and_nowhere_else(workbench: Workbench) -> None:
    said = ["toxic"] * 15 + ["fine"] * 12 + ["odd"] * 3
    rows = [(f"note {n} {n * 7919}", one, "high" if one == "toxic" and n else "") for n, one in enumerate(said)]
    table = TableData(("text", "toxicity", "severity"), rows, "made for a test")
    further = {"severity": FurtherQuestion("severity", QuestionKind.SINGLE_LABEL)}
    choice = ImportChoice("Notes", ("text",), ("toxicity",), further=further, question="Toxic?")
    first, severe = workbench.projects.questions(workbench.data.import_table(table, choice))
    toxic = next(one.id for one in workbench.tasks.get(first.id).labels if one.name == "toxic")
    found = workbench.projects.proposed_condition(severe.id)
    assert found == Condition(first.id, (toxic,)) and workbench.projects.proposed_condition(first.id) is None
    workbench.projects.ask_only_where(severe.id, found.on, found.labels)
    assert workbench.projects.proposed_condition(severe.id) is None
    every = workbench.projects.ask_further(first.id, "Clear?", QuestionKind.RATING)
    assert workbench.projects.proposed_condition(every) is None


def test_a_comparison_is_over_what_all_three_are_asked_and_says_how_many_only_some_were(
    asked: Asked, request_: RunRequest, fake_host: FakeHost
) -> None:
    both_say(asked)
    wb = asked.wb
    fake_host.answer = lambda text: "high"
    model = finished(wb, wb.runs.start(request_)[0]).annotator_id
    view = wb.compare.view(asked.severe, person(asked, "zoe"), person(asked, "max"), model, None)
    assert (view.figures.n, view.whole, view.taught) == (6, 7, 0)
    assert "3 items were asked of some of the three only: their answers to “Toxic?” differ." in view.notes()
