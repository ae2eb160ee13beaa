"""Preferences asked in other orders than given: what is sent, what comes of both answers, and what is kept of each."""

import io
import json

import pytest

from core.errors import WorkbenchError
from core.model import AnswerKind, Label, Options, QuestionKind, RunStatus, TableData, Task
from core.services.asking.orders import Order, sides_of
from core.services.asking.requests import Mode, ModelRef, RunRequest, Which
from core.services.common.orders import AS_GIVEN, TURNED
from core.services.data.bringing import ImportChoice
from core.services.review.reviewing import Decision, QueueFilter
from core.storage import repeats
from tests.fakes.host import fails, says
from tests.fakes.trouble import nobodys, worker_process
from tests.fakes.waiting import finished, wait_on
from tests.fakes.worlds import MODEL, SmallProject
from tests.services.said import project_with
from tests.services.test_batching import carry_out

OUTCOMES = (("first much", 2.0), ("first", 1.0), ("tie", 0.0), ("second", -1.0), ("second much", -2.0))


def project_of(wb, outcomes=OUTCOMES, n=12):
    """`n` items whose candidate `one` is the long one in every third item, else `two`."""
    rows = [
        (f"question {i} word{i}", f"a{i}" + " long" * (i % 3 == 0), f"b{i}" + " long" * (i % 3 > 0)) for i in range(n)
    ]
    labels = tuple(Label(name, score=score) for name, score in outcomes)
    task = Task(labels, type=QuestionKind.PREFERENCE, options=Options(candidates=("one", "two")))
    choice = ImportChoice("pairs", ("text",), kind=QuestionKind.PREFERENCE, candidates=("one", "two"))
    project = wb.data.import_table(TableData(("text", "one", "two"), rows), choice, task=task)
    version = wb.prompts.save(project, *wb.prompts.proposal(project))
    return SmallProject(wb, project, version.id, gold=0, hasty=0)


def longer(text):
    """A judge without a bias: the longer one is better, whatever stands first."""
    first, second = text.split("<first>")[1].split("</first>")[0], text.split("<second>")[1].split("</second>")[0]
    return "first" if len(first.strip()) > len(second.strip()) else "second"


def said_by(wb, run):
    """What is current, as `(value, kind, reason, confidence, source, shown, answers)` by item in their order."""
    with wb.db.read() as conn:
        rows = conn.exec_driver_sql(
            "SELECT a.item_id, l.name, a.kind, a.reason, a.confidence, a.confidence_source, a.shown FROM current c"
            ' JOIN annotations a ON a.id = c.annotation_id JOIN "values" v ON v.id = c.value_id'
            " JOIN labels l ON l.id = CAST(v.canonical AS INTEGER) WHERE c.annotator_id = ? ORDER BY a.item_id",
            (run.annotator_id,),
        ).fetchall()
        votes = repeats.of_items(conn, run.id, [row[0] for row in rows])
        return [(*row[1:], [(one.shown, one.raw) for one in votes.get(row[0], ())]) for row in rows]


RIGHT = ["first" if i % 3 == 0 else "second" for i in range(12)]


def test_in_both_orders_each_item_is_asked_about_twice_and_answers_that_agree_stand(workbench, fake_host):
    fake_host.answer = longer
    project = project_of(workbench)
    run = finished(workbench, project.start(order=Order.BOTH))
    assert (run.status, run.done, run.calls, len(fake_host.asked)) == (RunStatus.DONE, 12, 24, 24)
    said = said_by(workbench, run)
    assert [one[0] for one in said] == RIGHT
    for (value, kind, reason, confidence, source, shown, answers), right in zip(said, RIGHT, strict=True):
        assert (value, kind, reason, source, shown) == (right, "label", None, "logprobs", None)
        assert confidence == pytest.approx(0.8)
        other = "second" if right == "first" else "first"
        assert [one for one, _ in answers] == [AS_GIVEN, TURNED]
        assert right in answers[0][1] and other in answers[1][1], "raw answers stay as they were given"
    texts = [asked.text for asked in fake_host.asked]
    assert sum("<first>\na1\n</first>\n\n<second>\nb1 long\n" in text for text in texts) == 1
    assert sum("<first>\nb1 long\n</first>\n\n<second>\na1\n" in text for text in texts) == 1


def test_an_answer_that_changes_with_the_order_is_a_tie_and_says_why(workbench, fake_host):
    fake_host.always(says('{"better": "first"}'))
    run = finished(workbench, project_of(workbench).start(order=Order.BOTH))
    value, kind, reason, confidence, _, _, answers = said_by(workbench, run)[0]
    assert (value, kind, confidence) == ("tie", AnswerKind.FLIPPED, 0.0)
    assert reason == "the answer changes with the order: first and second"
    assert [raw for _, raw in answers] == ['{"better": "first"}'] * 2
    troubles = workbench.runs.troubles(run.id)
    assert {one.kind for one in troubles} == {"flipped"} and len(troubles) == 12


def test_without_ties_it_is_recorded_as_the_fallback_for_somebody_to_review(workbench, fake_host):
    fake_host.always(says('{"better": "second"}'))
    run = finished(workbench, project_of(workbench, (("first", 1.0), ("second", -1.0))).start(order=Order.BOTH))
    assert {one[:2] for one in said_by(workbench, run)} == {("UNABLE_TO_CLASSIFY", AnswerKind.FLIPPED)}


@pytest.mark.parametrize(
    ("answers", "value", "kind"),
    [
        (("first much", "second"), "first", "label"),
        (("first", "second much"), "first", "label"),
        (("second much", "first much"), "second much", "label"),
        (("tie", "tie"), "tie", "label"),
        (("tie", "second"), "tie", "flipped"),
        (("first much", "first much"), "tie", "flipped"),
        (("no idea at all", "first"), "UNABLE_TO_CLASSIFY", "outside_list"),
        (("UNABLE_TO_CLASSIFY", "first"), "UNABLE_TO_CLASSIFY", "flipped"),
        (("UNABLE_TO_CLASSIFY", "UNABLE_TO_CLASSIFY"), "UNABLE_TO_CLASSIFY", "label"),
    ],
)
def test_what_two_answers_come_to(workbench, fake_host, answers, value, kind):
    """The weaker where both prefer the same one; nothing where one of them says nothing."""
    project = project_of(workbench, n=3)
    first = [f"a{i}" for i in range(3)]
    fake_host.answer = lambda text: answers[0 if text.split("<first>\n")[1].split()[0].strip() in first else 1]
    run = finished(workbench, project.start(order=Order.BOTH))
    assert {one[:2] for one in said_by(workbench, run)} == {(value, kind)}


def test_several_answers_in_both_orders_are_elected_by_order_first(workbench, fake_host):
    """Of three each: two against one as given, two against one swapped; both majorities prefer candidate `one`."""
    project = project_of(workbench, n=1)
    given, turned = iter(["first", "second", "first"]), iter(["second", "first", "second"])
    fake_host.answer = lambda text: next(given if "<first>\na0" in text else turned)
    run = finished(workbench, project.start(order=Order.BOTH, repeats=3, in_flight=1))
    (said,) = said_by(workbench, run)
    assert run.calls == 6 and said[:2] == ("first", "label")
    assert said[3:5] == (pytest.approx(4 / 6), "repeats")
    assert workbench.projects.annotators(project.id)[-1].variant == "×3 both orders"


def test_what_was_answered_in_both_orders_is_known_and_not_paid_for_again(workbench, fake_host):
    fake_host.answer = longer
    project = project_of(workbench)
    request = RunRequest(project.id, (project.version_id,), (ModelRef("openai", MODEL),), split=None, order=Order.BOTH)
    assert workbench.runs.estimate(request).calls == 24
    finished(workbench, project.start(order=Order.BOTH))
    again = RunRequest(**{**vars(request), "which": Which.ALL})
    (cell,) = workbench.runs.estimate(again).cells
    assert (cell.items, cell.known, cell.calls) == (12, 12, 0)
    run = finished(workbench, workbench.runs.start(again)[0])
    assert (run.done, run.calls, run.from_cache, len(fake_host.asked)) == (12, 0, 12, 24)
    assert [one[0] for one in said_by(workbench, run)] == RIGHT
    assert [shown for shown, _ in said_by(workbench, run)[0][-1]] == [AS_GIVEN, TURNED]


def test_of_items_asked_about_in_one_order_only_the_other_is_paid_for(workbench, fake_host):
    fake_host.answer = longer
    project = project_of(workbench)
    finished(workbench, project.start())
    request = RunRequest(project.id, (project.version_id,), (ModelRef("openai", MODEL),), split=None, order=Order.BOTH)
    assert workbench.runs.estimate(request).calls == 12
    run = finished(workbench, workbench.runs.start(request)[0])
    assert (run.done, run.calls, len(fake_host.asked)) == (12, 12, 24)
    assert [one[0] for one in said_by(workbench, run)] == RIGHT
    several = finished(workbench, project.start(order=Order.BOTH, repeats=2))
    assert several.calls == 48, "several answers differ by chance, so one that was given elsewhere is none of them"


def test_where_the_host_says_how_sure_it_is_an_answer_that_changes_is_sure_of_nothing(workbench, fake_host):
    fake_host.answer = lambda text: "first"
    run = finished(workbench, project_of(workbench, n=2).start(order=Order.BOTH))
    assert {one[3:5] for one in said_by(workbench, run)} == {(0.0, "logprobs")}


def test_a_drawn_order_is_the_same_each_time_and_stored_with_the_answer(workbench, fake_host):
    fake_host.answer = longer
    project = project_of(workbench)
    run = finished(workbench, project.start(order=Order.DRAWN))
    said = said_by(workbench, run)
    assert run.calls == 12 and [one[0] for one in said] == RIGHT
    shown = [one[5] for one in said]
    assert {AS_GIVEN, TURNED} == set(shown)
    for place, one in enumerate(shown):
        first = "a" if one == AS_GIVEN else "b"
        assert (
            sum(
                f"<first>\n{first}{place}\n" in a.text or f"<first>\n{first}{place} " in a.text for a in fake_host.asked
            )
            == 1
        )
    again = finished(workbench, project.start(order=Order.DRAWN, which=Which.ALL))
    assert (again.calls, [one[5] for one in said_by(workbench, again)]) == (0, shown)


def test_each_order_is_asked_of_an_annotator_of_its_own(workbench, fake_host):
    fake_host.answer = longer
    project = project_of(workbench, n=2)
    for order in Order:
        finished(workbench, project.start(order=order))
    names = [one.name for one in workbench.projects.annotators(project.id)]
    assert names == [f"{MODEL} · v1", f"{MODEL} · v1 drawn order", f"{MODEL} · v1 both orders"]


def test_an_item_lacks_its_answer_where_one_order_got_none_and_only_that_is_asked_again(workbench, fake_host):
    fake_host.answer = longer
    project = project_of(workbench, n=2)
    swapped = "question 1 word1\n\n<first>\nb1 long\n</first>\n\n<second>\na1\n</second>"
    fake_host.for_item(swapped, fails(400, "too long"))
    run = finished(workbench, project.start(order=Order.BOTH))
    assert (run.done, run.errors, run.calls) == (1, 1, 3)
    workbench.runs.resume(run.id, retry_errors=True)
    run = finished(workbench, run)
    assert (run.done, run.errors, run.calls, len(fake_host.asked)) == (2, 0, 4, 5)
    assert [one[0] for one in said_by(workbench, run)] == RIGHT[:2]


def test_kill_9_repeats_nothing_but_what_was_in_flight(workbench, fake_host):
    project = project_of(workbench)
    fake_host.always(says('{"better": "tie"}'))
    fake_host.hold(after=7)
    run = project.start(order=Order.BOTH, in_flight=2)
    with worker_process() as worker:
        wait_on(worker, lambda: len(fake_host.asked) == 9 and _single(workbench, run) == 7, "seven answers")
        worker.kill()
        worker.wait(10)
    fake_host.release()
    nobodys(workbench, run)
    workbench.runs.resume(run.id)
    run = finished(workbench, run)
    assert (run.status, run.done, run.errors) == (RunStatus.DONE, 12, 0)
    assert len(fake_host.counts) == 24 and sorted(fake_host.counts.values()) == [1] * 22 + [2] * 2
    assert _single(workbench, run) == 24


def _single(wb, run):
    with wb.db.read() as conn:
        return conn.exec_driver_sql("SELECT COUNT(*) FROM repeats WHERE run_id = ?", (run.id,)).scalar_one()


def answered(wb, run):
    """The lines of a run's file as `vllm run-batch` answers them."""
    lines = []
    for line in wb.batches.export(run.id).path.read_text().splitlines():
        request = json.loads(line)
        text = json.dumps({"better": longer(request["body"]["messages"][-1]["content"])})
        choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
        body = {"object": "chat.completion", "choices": [choice], "usage": {"prompt_tokens": 9, "completion_tokens": 3}}
        lines.append({"custom_id": request["custom_id"], "response": {"status_code": 200, "body": body}, "error": None})
    return lines


def bring(wb, run, lines):
    return wb.batches.import_results(run.id, io.BytesIO("\n".join(map(json.dumps, lines)).encode()))


def test_a_file_has_a_line_for_each_order_and_its_answers_are_mirrored_back(workbench, fake_host):
    run = project_of(workbench, n=4).start(order=Order.BOTH, mode=Mode.FILE)
    lines = answered(workbench, run)
    assert len(lines) == 8 and bring(workbench, run, lines[:5]).missing == 2
    assert workbench.batches.export(run.id).lines == 3
    assert bring(workbench, run, lines).missing == 0
    assert [one[0] for one in said_by(workbench, run)] == RIGHT[:4]


def test_a_file_of_a_drawn_order_is_mirrored_back_as_well(workbench, fake_host):
    run = project_of(workbench, n=6).start(order=Order.DRAWN, mode=Mode.FILE)
    bring(workbench, run, answered(workbench, run))
    said = said_by(workbench, run)
    assert [one[0] for one in said] == RIGHT[:6] and {one[5] for one in said} == {AS_GIVEN, TURNED}


def test_a_batch_asks_in_both_orders_and_its_answers_are_mirrored_back(workbench, fake_host, quick_batches):
    fake_host.answer = longer
    run = project_of(workbench, n=4).start(order=Order.BOTH, mode=Mode.BATCH)
    run = carry_out(workbench, run)
    assert (run.status, run.done, run.calls) == (RunStatus.DONE, 4, 8)
    said = said_by(workbench, run)
    assert [one[0] for one in said] == RIGHT[:4]
    assert all([shown for shown, _ in one[-1]] == [AS_GIVEN, TURNED] for one in said)


def test_an_outcome_without_its_opposite_cannot_be_turned(workbench, fake_host):
    project = project_of(workbench, (("first", 1.0), ("tie", 0.0), ("second much", -2.0)))
    with pytest.raises(WorkbenchError, match="“first” has no opposite"):
        project.start(order=Order.BOTH)


def test_other_questions_have_no_order_to_choose(workbench, small_project):
    with pytest.raises(WorkbenchError, match="only where two candidates are compared"):
        small_project.start(order=Order.DRAWN)


def test_levels_are_listed_in_an_order_of_each_item_with_their_rubric_and_answers_read_by_name(workbench, fake_host):
    fake_host.always(says('{"level": "good"}'))
    project = rated(workbench)
    run = finished(workbench, project.start(order=Order.DRAWN))
    listed = {asked.text: asked.body["messages"][0]["content"].splitlines() for asked in fake_host.asked}
    with workbench.db.read() as conn:
        rows = conn.exec_driver_sql(
            "SELECT i.text, a.shown, a.value_id FROM annotations a JOIN items i ON i.id = a.item_id WHERE a.run_id = ?",
            (run.id,),
        ).fetchall()
    rubric = ["- poor: not to be used", "- fair: usable", "- good: as one wishes"]
    assert len(rows) == 12 and len({shown for _, shown, _ in rows}) > 2 and len({value for *_, value in rows}) == 1
    for text, shown, _ in rows:
        lines = [line for line in listed[text] if line.startswith("- ")]
        assert lines[:3] == [rubric[int(place)] for place in shown.split(",")] and "UNABLE" in lines[3]
    again = finished(workbench, project.start(order=Order.DRAWN, which=Which.ALL))
    assert (again.calls, again.from_cache, len(fake_host.asked)) == (0, 12, 12)


def test_levels_as_given_are_asked_as_ever_and_leave_no_order(workbench, fake_host):
    fake_host.always(says('{"level": "good"}'))
    run = finished(workbench, rated(workbench).start())
    assert len({asked.body["messages"][0]["content"] for asked in fake_host.asked}) == 1
    with workbench.db.read() as conn:
        stored = conn.exec_driver_sql("SELECT DISTINCT shown FROM annotations WHERE run_id = ?", (run.id,)).fetchall()
    assert [tuple(row) for row in stored] == [(None,)]


def test_levels_that_a_prompt_lists_by_hand_cannot_be_drawn(workbench):
    project = rated(workbench)
    version = workbench.prompts.save(project.id, "Say poor, fair or good.", "{{text}}")
    with pytest.raises(WorkbenchError, match="lists the levels itself"):
        SmallProject(workbench, project.id, version.id, 0, 0).start(order=Order.DRAWN)
    with pytest.raises(WorkbenchError, match="only where two candidates are compared"):
        project.start(order=Order.BOTH)


def rated(wb):
    levels = (("poor", "not to be used"), ("fair", "usable"), ("good", "as one wishes"))
    labels = tuple(Label(name, told, score=float(at)) for at, (name, told) in enumerate(levels))
    choice = ImportChoice("rated", ("text",), kind=QuestionKind.RATING)
    table = TableData(("text",), [(f"answer {i} word{i}",) for i in range(12)])
    project = wb.data.import_table(table, choice, task=Task(labels, type=QuestionKind.RATING))
    return SmallProject(wb, project, wb.prompts.save(project, *wb.prompts.proposal(project)).id, gold=0, hasty=0)


def test_sides_join_by_name_as_by_number():
    labels = tuple(Label(name, id=at, score=score) for at, (name, score) in enumerate(OUTCOMES))
    task = Task(labels, Label("none", id=9, is_fallback=True), type=QuestionKind.PREFERENCE)
    assert (sides_of(task).tie, sides_of(task, by_name=True).tie) == ("2", "tie")
    assert sides_of(task).joined("0", "1") == "1" and sides_of(task, by_name=True).joined("first", "second") is None


def test_whether_the_first_shown_is_preferred_is_told_of_people_and_models_whose_order_is_known(workbench, fake_host):
    """A judge that prefers the first shown but in every fourth item, whatever stands there."""
    project = project_of(workbench)
    fake_host.answer = lambda text: longer(text) if int(text.split()[1]) % 4 == 0 else "first"
    given = finished(workbench, project.start(order=Order.GIVEN)).annotator_id
    drawn = finished(workbench, project.start(order=Order.DRAWN)).annotator_id
    both = finished(workbench, project.start(order=Order.BOTH)).annotator_id
    items = list(project.items())
    acts = [("first", AS_GIVEN), ("second", TURNED), ("second", AS_GIVEN), ("tie", TURNED), ("first much", None)]
    for seq, (item, (label, shown)) in enumerate(zip(items, acts, strict=False), 1):
        workbench.review.store(project.id, "log", "ada", [Decision(seq, item, label, shown=shown)])
    ada = next(one.id for one in workbench.projects.annotators(project.id) if one.name == "ada")
    view = workbench.agreement.view(project.id, ada, [given, drawn, both], None)
    by_name = {one.annotator.id: one for one in view.positions}
    person = by_name[ada]
    assert (person.preferred_first.value, person.preferred_first.n) == (pytest.approx(2 / 3), 3)
    # Items 0, 4 and 8 are judged by length: as given the first is the longer one in item 0 alone.
    assert (by_name[given].preferred_first.value, by_name[given].preferred_first.n) == (10 / 12, 12)
    assert by_name[given].is_given and not by_name[drawn].is_given and by_name[drawn].flipped is None
    assert by_name[drawn].preferred_first.n == 12
    assert by_name[both].flipped.value == 9 / 12 and by_name[both].ties == 0
    assert by_name[both].preferred_first.value == pytest.approx((9 * 2 + 3) / 24)
    told = [(row["candidate"], row["metric"], row["n"]) for row in view.position_rows()]
    assert len(told) == 5 and told[0] == ("ada", "Prefers the one shown first", 3)


def test_answers_whose_order_nobody_knows_tell_nothing(workbench):
    labels = tuple(Label(name, score=score) for name, score in OUTCOMES)
    task = Task(labels, type=QuestionKind.PREFERENCE, options=Options(candidates=("one", "two")))
    said = {"ann": ["first"] * 6, "ben": ["second"] * 6}
    project, ids = project_with(workbench, task, [f"pair {i}" for i in range(6)], said)
    assert workbench.agreement.view(project, ids["ann"], [ids["ben"]], None).positions == ()


def tried(project, order, n=3, **choices):
    """A trial of the project's prompt on its first items."""
    wb = project.wb
    items = wb.prompts.items_by_id(sorted(wb.review.queue(project.id, QueueFilter(without_test=True)))[:n])
    return wb.prompts.try_on(
        wb.prompts.get(project.version_id), "openai", MODEL, items, order=order, repeats=1, **choices
    )


def test_a_trial_in_both_orders_shows_both_and_comes_to_what_a_run_stores(workbench, fake_host):
    fake_host.answer = longer
    project = project_of(workbench)
    trials = tried(project, Order.BOTH)
    sent = sorted(json.dumps(asked.body, sort_keys=True) for asked in fake_host.asked)
    assert [one.answered.parsed.said for one in trials] == RIGHT[:3]
    for trial in trials:
        item = trial.item.fields
        given, turned = trial.messages[-1].content, trial.turned[-1].content
        assert given.index(item["one"]) < given.index(item["two"])
        assert turned.index(item["two"]) < turned.index(item["one"])
        assert trial.votes == {trial.answered.parsed.said: 2}
    run = finished(workbench, project.start(order=Order.BOTH))
    assert sent == sorted(json.dumps(asked.body, sort_keys=True) for asked in fake_host.asked[6:12])
    stored = said_by(workbench, run)[:3]
    told = [(t.answered.parsed.said, t.answered.parsed.kind, t.answered.confidence) for t in trials]
    assert told == [(one[0], one[1], one[3]) for one in stored]


def test_a_trial_says_where_the_answer_changes_with_the_order(workbench, fake_host):
    fake_host.always(says('{"better": "first"}'))
    (trial,) = tried(project_of(workbench), Order.BOTH, n=1)
    parsed = trial.answered.parsed
    assert (parsed.said, parsed.kind) == ("tie", AnswerKind.FLIPPED)
    assert parsed.reason == "the answer changes with the order: first and second"
    assert trial.answered.reply.raw == 'As given: {"better": "first"}\nSwapped: {"better": "first"}'


def test_a_trial_in_a_drawn_order_shows_what_was_sent(workbench, fake_host):
    fake_host.answer = longer
    trials = tried(project_of(workbench), Order.DRAWN, n=12)
    assert {one.answered.parsed.shown for one in trials} == {AS_GIVEN, TURNED}
    assert {one.messages[-1].content for one in trials} == {asked.text for asked in fake_host.asked}
    assert [one.answered.parsed.said for one in trials] == RIGHT


def test_a_trial_needs_an_answer_in_each_order(workbench, fake_host):
    fake_host.next(says('{"better": "first"}'), fails(400, "no"))
    (trial,) = tried(project_of(workbench), Order.BOTH, n=1)
    assert trial.answered is None and trial.failure is not None


def test_levels_tried_in_a_drawn_order_are_listed_as_they_were_sent(workbench, fake_host):
    fake_host.always(says('{"level": "fair"}'))
    project = rated(workbench)
    levels = workbench.tasks.get(project.id).labels
    trials = tried(project, Order.DRAWN, n=8)
    for trial in trials:
        system = trial.messages[0].content
        places = trial.answered.parsed.shown.split(",")
        listed = [system.index(f"- {levels[int(place)].name}") for place in places]
        assert sorted(listed) == listed
    assert len({one.answered.parsed.shown for one in trials}) > 1
