"""Rankings round the whole loop on real answers of several models, as people compared them two by two."""

import json
import os
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from core.errors import WorkbenchError
from core.importers import read_table, recognise
from core.model import AnnotatorKind, QuestionKind, Split, TableData
from core.services.common.values import Sayings
from core.services.data.bringing import ImportChoice
from core.services.learning.fine_tuning import TuneRequest
from core.services.review.reviewing import Decision, QueueFilter, Refused
from core.services.runs.running import ModelRef, RunRequest
from core.storage import annotations, items
from tests.fakes.waiting import work_off

DATA = Path(os.environ.get("LABELLOOP_TEST_DATA") or Path(__file__).parents[2].parent / "shared" / "data")
FIELDS = tuple(f"answer {n}" for n in range(1, 6))


def ranked_answers():
    """Instructions with the answers of three to five models and three people's rankings of them, from who preferred
    what; a model that did not answer one has an empty field."""
    texts, wins = {}, {}
    for row in map(json.loads, (DATA / "pandalm_pairs.jsonl").read_text(encoding="utf-8").splitlines()):
        asked, names = f"{row['instruction']}\n{row['input']}".strip(), row["cmp_key"].split("_")
        if len(names) != 2:
            continue
        for name, text, won in zip(names, ("response1", "response2"), (1, 2), strict=True):
            texts.setdefault(asked, {})[name] = str(row[text] or "").strip() or "(nothing)"
            for person in (1, 2, 3):
                said = row[f"annotator{person}"]
                balance = wins.setdefault((asked, person), Counter())
                balance[name] += 0 if said == 0 else 1 if said == won else -1
    every = sorted({name for answers in texts.values() for name in answers})
    called = dict(zip(every, FIELDS, strict=True))
    for asked, answers in texts.items():
        if len(answers) > 2:
            people = {f"person {n}": order(wins[asked, n], called) for n in (1, 2, 3)}
            yield {"instruction": asked, **{called[name]: answers.get(name, "") for name in every}, **people}


def order(balance, called):
    scores = sorted({*balance.values()}, reverse=True)
    return [[called[name] for name in balance if balance[name] == score] for score in scores]


def chosen(table, **more):
    found = recognise(table)
    columns = found.columns
    proposed = {
        "text_columns": columns.text,
        "label_columns": columns.labels,
        "id_column": columns.id,
        "annotator_column": columns.annotator,
        "kind": found.kind,
        "candidates": found.candidates,
    }
    return ImportChoice("P", **{**proposed, **more})


def said(wb, project):
    """`{text: {annotator: ranking}}`."""
    people = {a.id: a.name for a in wb.projects.annotators(project)}
    with wb.db.read() as conn:
        found = items.get_many(conn, items.ids_in(conn, project, None))
        entries = annotations.current_of(conn, list(found), Sayings(conn, project))
        return {item.text: {people[a]: one.said for a, one in entries[i].items()} for i, item in found.items()}


@pytest.fixture(scope="module")
def real_file(tmp_path_factory):
    if not (DATA / "pandalm_pairs.jsonl").is_file():
        pytest.skip("the real data is not here")
    path = tmp_path_factory.mktemp("ranked") / "ranked.jsonl"
    path.write_text("\n".join(map(json.dumps, ranked_answers())), encoding="utf-8")
    return path


@pytest.mark.slow
@pytest.mark.encoder
def test_the_whole_loop_with_rankings_of_real_answers(workbench, real_file, tmp_path):
    wb = workbench
    table = read_table(real_file)
    choice = chosen(table)
    assert (choice.kind, choice.candidates) == (QuestionKind.RANKING, FIELDS)
    assert choice.text_columns == ("instruction",) and choice.label_columns == ("person 1", "person 2", "person 3")
    project = wb.data.import_table(table, choice)
    assert [label.name for label in wb.tasks.get(project).labels] == list(FIELDS)
    wb.data.split(project)

    system, user = wb.prompts.proposal(project)
    version = wb.prompts.save(project, system, user, "first")
    [trial] = wb.prompts.try_on(version, "embedded", "minilm-l6", wb.prompts.trial_items(project, n=1))
    shown = trial.messages[-1].content
    assert 3 <= shown.count("<candidate name=") <= 5 and not any(name in shown for name in FIELDS)
    wb.runs.start(RunRequest(project, (version.id,), (ModelRef("embedded", "minilm-l6"),), Split.TEST))
    work_off(wb)

    people = {a.name: a.id for a in wb.projects.annotators(project)}
    reference = people["person 1"]
    view = wb.agreement.view(project, reference, [people["person 2"], people["person 3"]], None)
    by_name = {one.annotator.name: one for one in view.candidates}
    for one in by_name.values():
        tau = one.figures["tau_b"]
        assert tau.value > 0.6 and tau.low < tau.value < tau.high
        assert {*one.figures} == {"tau_b", "same_first", "pairs_in_order", "kendall_w"}
    assert view.people is not None and view.people.together.value > 0.8
    assert {what for _, what, _ in view.people.rows()} == {"Kendall's W", "Kendall's tau-b"}
    assert "Kendall's tau-b" in view.sentence()

    # What stands in a cell is what opens.
    cells = by_name["person 2"].pairing.errors
    ids = {name: label for label, name in wb.review.label_names(project).items()}
    cell = next(one for one in cells if one.error == "reversed")
    where = QueueFilter(
        cell=("reversed", reference, people["person 2"], ids[cell.reference], ids[cell.candidate]), split=None
    )
    opened = wb.review.queue(project, where)
    assert len(opened) == cell.count > 0
    rank = lambda one, name: next(place for place, group in enumerate(one) if name in group)  # noqa: E731
    for row in wb.review.load(project, opened, list(people.values()), None):
        one, other = (next(s.said for who, s in row.opinions if who.name == p) for p in ("person 1", "person 2"))
        assert rank(one, cell.reference) < rank(one, cell.candidate)
        assert rank(other, cell.reference) > rank(other, cell.candidate)

    request = TuneRequest(project, reference, version.id)
    checks = {check.title: check for check in wb.fine_tunes.preflight(request).checks}
    assert "Rankings that order" in checks and "Class balance" not in checks
    assert not [check for check in checks.values() if check.level == "blocker"]
    job = wb.fine_tunes.start(request, host="embedded", base_model="minilm-l6")
    work_off(wb)
    tuned = wb.fine_tunes.get(job.id)
    assert tuned.fine_tuned_model, tuned.message
    wb.runs.start(RunRequest(project, (version.id,), (ModelRef("embedded", tuned.fine_tuned_model),), Split.TEST))
    work_off(wb)
    _, a, b = wb.compare.defaults(project)
    compared = wb.compare.view(project, reference, a, b, Split.TEST)
    before, after, _ = compared.scores()["Kendall's tau-b"]
    print(f"tau-b on {compared.figures.n} test items: untrained {before.value:.3f}, tuned {after.value:.3f}")
    assert after.value > before.value and "Kendall's tau-b" in compared.result()

    # Out and back.
    for shape, form in (("wide", "csv"), ("long", "jsonl")):
        path = tmp_path / f"export.{form}"
        path.write_bytes(wb.export.file(project, shape=shape, file_format=form, models_on_test=True))
        again = read_table(path)
        back = chosen(again)
        assert (back.kind, back.candidates) == (QuestionKind.RANKING, FIELDS), shape
        assert said(wb, wb.data.import_table(again, replace(back, name=shape))) == said(wb, project)


ROWS = [(f"question {n}", f"the first answer {n}", f"the second {n}", f"a third one {n}") for n in range(6)]
COLUMNS = ("question", "response_1", "response_2", "response_3")
NAMES = COLUMNS[1:]


def with_rankings(*cells, column="ranking"):
    return TableData((*COLUMNS, column), [[*row, cell] for row, cell in zip(ROWS, cells, strict=False)])


@pytest.mark.parametrize(
    "cells",
    [
        ("2 > 1 = 3", "1 > 2 > 3"),
        ('[["response_2"], ["response_1", "response_3"]]', '["response_1", "response_2", "response_3"]'),
        ("B > A = C", "A > B > C"),
        ("[[1], [0, 2]]", "[0, 1, 2]"),
        ('{"response_1": 2, "response_2": 1, "response_3": 2}', "response_1 > response_2 > response_3"),
        (
            json.dumps([{"value": f"response_{n}", "rank": rank} for n, rank in ((1, 2), (2, 1), (3, 2))]),
            json.dumps([{"value": f"response_{n}", "rank": n} for n in (1, 2, 3)]),
        ),
    ],
)
def test_rankings_are_read_as_tables_hold_them(workbench, cells):
    table = with_rankings(*cells)
    choice = chosen(table)
    assert (choice.kind, choice.candidates, choice.label_columns) == (QuestionKind.RANKING, NAMES, ("ranking",))
    found = said(workbench, workbench.data.import_table(table, choice))
    assert found["question 0"] == {"ranking": (("response_2",), ("response_1", "response_3"))}
    assert found["question 1"] == {"ranking": (("response_1",), ("response_2",), ("response_3",))}


def test_ranks_in_columns_of_their_own_are_one_ranking(workbench, tmp_path):
    path = tmp_path / "ranks.csv"
    lines = ["question,response_1,response_2,response_3,rank_1,rank_2,rank_3"]
    lines += [",".join([*row, "2", "1", "2"]) for row in ROWS]
    path.write_text("\n".join(lines), encoding="utf-8")
    table = read_table(path)
    choice = chosen(table)
    assert table.notes[-1].startswith("The columns “rank_1”, “rank_2”, “rank_3” are ranks")
    assert (choice.kind, choice.candidates, choice.label_columns) == (QuestionKind.RANKING, NAMES, ("ranking",))
    found = said(workbench, workbench.data.import_table(table, choice))
    assert found["question 3"] == {"ranking": (("response_2",), ("response_1", "response_3"))}


def test_a_list_of_candidates_with_scores_becomes_columns_and_their_order(workbench, tmp_path):
    path = tmp_path / "feedback.jsonl"
    scores = [(3, 4.5, 3), (1, 2, 5)]
    lines = [
        {
            "instruction": f"do this {n}",
            "completions": [{"response": f"answer {i} to {n}", "overall_score": s} for i, s in enumerate(of)],
        }
        for n, of in enumerate(scores)
    ]
    path.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    table = read_table(path)
    choice = chosen(table)
    assert choice.candidates == ("completion 1", "completion 2", "completion 3") and choice.kind is QuestionKind.RANKING
    found = said(workbench, workbench.data.import_table(table, choice))
    assert found["do this 0"] == {"ranking": (("completion 2",), ("completion 1", "completion 3"))}
    assert found["do this 1"] == {"ranking": (("completion 3",), ("completion 2",), ("completion 1",))}


@pytest.mark.parametrize(
    ("cell", "sentence"),
    [
        ("2 > 1 > 2 > 3", 'The ranking names "2" twice.'),
        ("2 > 1", "The ranking leaves out “response_3”."),
        ("2 > 1 > 4", "The ranking names “4”, which is no candidate of this row."),
        ('[["response_2"], ["response_1"], ["gpt"]]', "The ranking names “gpt”, which is no candidate of this row."),
        ('[["response_2"', '"[["response_2"" is no ranking, such as b > a = c.'),
    ],
)
def test_what_is_no_ranking_of_the_row_is_said_with_row_and_column(workbench, cell, sentence):
    table = with_rankings("2 > 1 = 3", "1 > 2 > 3", cell)
    choice = ImportChoice("P", ("question",), ("ranking",), kind=QuestionKind.RANKING, candidates=NAMES)
    problems = workbench.data.check(table, choice).problems
    assert [(one.message, one.row, one.column) for one in problems] == [(f"Row 4: {sentence}", 4, "ranking")]
    with pytest.raises(WorkbenchError):
        workbench.data.import_table(table, choice)
    assert workbench.projects.all() == []


@pytest.mark.parametrize("number", [0, 1, 50])
def test_a_ranking_of_too_few_or_too_many_candidates_is_refused(workbench, number):
    columns = ("question", *(f"c{n}" for n in range(50)), "ranking")
    table = TableData(columns, [["q", *["x y"] * 50, ""]])
    choice = ImportChoice("P", ("question",), (), kind=QuestionKind.RANKING, candidates=columns[1 : number + 1])
    [problem] = workbench.data.check(table, choice).problems
    many = f"{number} columns are" if number != 1 else "1 column is"
    assert problem.message == f"A ranking is of 2 to 9 candidates; {many} chosen."


def test_an_empty_candidate_is_none_and_need_not_be_ranked(workbench):
    rows = [[*ROWS[0][:3], "", "2 > 1"], [*ROWS[1], "2 > 1 = 3"]]
    table = TableData((*COLUMNS, "ranking"), rows)
    choice = ImportChoice("P", ("question",), ("ranking",), kind=QuestionKind.RANKING, candidates=NAMES)
    found = said(workbench, workbench.data.import_table(table, choice))
    assert found["question 0"] == {"ranking": (("response_2",), ("response_1",))}
    rows[1] = [ROWS[1][0], "only one", "", "", ""]
    assert workbench.data.check(table, choice).problems[0].message == "Row 3 has fewer than two candidates."


@pytest.fixture
def small(workbench):
    table = with_rankings("2 > 1 = 3", "1 > 2 > 3", "3 > 2 > 1")
    choice = ImportChoice("P", ("question",), ("ranking",), kind=QuestionKind.RANKING, candidates=NAMES)
    project = workbench.data.import_table(table, choice)
    ids = {label.name: label.id for label in workbench.tasks.get(project).choices}
    queue = workbench.review.queue(project, QueueFilter())
    return project, ids, queue


def test_a_reviewer_ranks_each_candidate_once_or_is_told_why_not(workbench, small):
    project, ids, (item, *_) = small
    one, two, three = (ids[name] for name in NAMES)
    workbench.review.store(project, "a", "me", [Decision(1, item, value=[[three], [two, one]])])
    me = next(a for a in workbench.projects.annotators(project) if a.kind is AnnotatorKind.PERSON)
    [row] = workbench.review.load(project, [item], [], me.id)
    assert row.mine == (("response_3",), ("response_1", "response_2"))
    for seq, (value, sentence) in enumerate(
        [
            ([[one], [two]], "leaves out a candidate"),
            ([[one], [two], [three, one]], "names a candidate twice"),
            ([[one], [], [two], [three]], "with an empty place"),
            ([[one], [two], [999]], "does not have a label"),
            ([[one], [two], [three], [ids["UNABLE_TO_CLASSIFY"]]], "leaves out a candidate"),
            ("first", "of another kind"),
        ],
        start=2,
    ):
        with pytest.raises(Refused, match=sentence):
            workbench.review.store(project, "a", "me", [Decision(seq, item, value=value)])
    workbench.review.store(project, "a", "me", [Decision(9, item, value=[[ids["UNABLE_TO_CLASSIFY"]]])])
    assert workbench.review.load(project, [item], [], me.id)[0].mine == (("UNABLE_TO_CLASSIFY",),)


def test_candidates_are_fields_so_they_are_neither_renamed_nor_removed_nor_merged(workbench, small):
    project, ids, _ = small
    task = workbench.tasks.get(project)
    for labels in (task.labels[:2], (*task.labels[:2], type(task.labels[0])("other", id=task.labels[2].id))):
        with pytest.raises(WorkbenchError, match="cannot be renamed, added or removed"):
            workbench.tasks.save(project, type(task)(labels, task.fallback, type=task.type, options=task.options))
    with pytest.raises(WorkbenchError, match="cannot be merged"):
        workbench.tasks.merge(project, ids["response_1"], ids["response_2"])


def test_a_prompt_without_the_candidates_is_not_saved(workbench, small):
    project, *_ = small
    assert "candidates" in workbench.prompts.variables(project)
    with pytest.raises(WorkbenchError, match="without it the model never sees the candidates"):
        workbench.prompts.save(project, "Rank them.", "{{text}}")
