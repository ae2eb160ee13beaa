"""What people bring that cannot be, or can but must be known: each has its sentence, and nothing is half done."""

import json
from dataclasses import replace

import pytest

from core.errors import WorkbenchError
from core.services.data.bringing import ImportChoice, ItemFilter
from core.services.data.sources import Source, further_questions, read_source, recognise
from tests.fakes.media import animated, picture, sound, zipped

TEXT = "Ann met Ben at the station in Rome"


def lines(*records):
    return "\n".join(map(json.dumps, records))


def marked(start, end):
    return lines({"text": TEXT, "label": [[start, end, "PER"]]}, {"text": "Ben left", "label": [[0, 3, "PER"]]})


def ranked(n, order=None):
    names = [f"answer_{one}" for one in range(n)]
    records = [
        {"prompt": f"ask {i} please", "ranking": order or names, **{name: f"{name} said {i} here" for name in names}}
        for i in range(3)
    ]
    return lines(*records)


def listed(n):
    records = [
        {"prompt": f"ask {i}", "completions": [f"text {one} to {i}" for one in range(n)], "ranking": list(range(n))}
        for i in range(3)
    ]
    return lines(*records)


def ranker(n):
    ids = [f"i{one}" for one in range(n)]
    data = {"text": "rank these now", "items": [{"id": one, "body": f"body of {one}"} for one in ids]}
    result = {"from_name": "r", "to_name": "items", "type": "ranker", "value": {"ranker": {"r": ids}}}
    return json.dumps([{"id": 1, "data": data, "annotations": [{"completed_by": 1, "result": [result]}]}] * 2)


REFUSED = {
    "beyond.jsonl": (marked(0, 9_999), "Row 1: The span from 0 to 9,999 does not lie in its text, which has 34"),
    "negative.jsonl": (marked(-3, 2), "Row 1: The span from -3 to 2 does not lie in its text"),
    "reversed.jsonl": (marked(8, 3), "Row 1: The span from 8 to 3 does not lie in its text"),
    "empty.jsonl": (marked(3, 3), "Row 1: The span from 3 to 3 does not lie in its text"),
    "climbs.zip": (zipped({"../a.png": picture()}), "“../a.png”, a name that leads out of the zip"),
    "bomb.zip": (zipped({"a.bmp": b"BM" + bytes(80 * 2**20)}), "unpacks to 80 MB, over 200 times its size"),
    "no_picture.zip": (zipped({"a.png": b"not one"}), "a.png: The file is not a known format."),
    "no_samples.zip": (zipped({"a.wav": sound(b"")}), "a.wav: The sound has no samples."),
    "too_long.jsonl": (
        lines({"text": "word " * 230_000, "label": [[0, 4, "W"]]}, {"text": "x y", "label": [[0, 1, "W"]]}),
        "The text of row 1 has 1,150,000 characters; the limit is 1,000,000.",
    ),
    "twice.jsonl": (ranked(3, ["answer_0", "answer_1", "answer_0"]), 'Row 1: The ranking names "answer_0" twice.'),
}

KNOWN = {
    "cmyk.zip": (zipped({"a.jpg": picture("JPEG", mode="CMYK", color=(1, 2, 3, 4))}), "1 file is CMYK: its colours"),
    "animated.zip": (
        zipped({"a.gif": animated()}),
        "1 file is animated: models and lists see the first frame",
    ),
    "silent.zip": (zipped({"a.wav": sound(bytes(160))}), "1 file is silent from beginning to end (a.wav)."),
    "broken_sound.zip": (zipped({"a.wav": sound()[:30], "b.wav": sound()}), "a.wav: The sound is broken or cut off."),
    "no_roles.jsonl": (
        lines(*({"messages": [{"content": f"{one} hi"}, {"content": "there"}], "label": one} for one in "ab")),
        "In “messages” no message of row 1 has a role; it is shown as JSON, and not as a conversation.",
    ),
    "one_without_role.jsonl": (
        lines(*({"messages": [{"role": "user", "content": one}, {"content": "b"}]} for one in "ab")),
        "a message of row 1 has no role; it is shown without a heading.",
    ),
    "fifty_columns.jsonl": (ranked(50), "“ranking” puts in order 50 candidates: a ranking is of 9 at most"),
    "fifty_in_a_list.jsonl": (listed(50), "“completions” lists up to 50 candidates: a ranking is of 9 at most"),
    "fifty_in_a_ranker.json": (ranker(50), "LabelLoop has no place for: rankings of more than nine (2)."),
}


@pytest.fixture
def bring(workbench, tmp_path):
    """What the page proposes for a file: the table, the choice, and the check."""

    def bringing(name, content):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        source = Source(str(path))
        table = read_source(source, store=workbench.media.store)
        found = recognise(table)
        columns = found.columns
        choice = ImportChoice(
            "P",
            columns.text,
            columns.labels,
            columns.id,
            annotator_column=columns.annotator,
            kind=found.kind,
            candidates=found.candidates,
            first_row=source.first_row,
        )
        taken = [one for one in choice.roles if choice.roles[one] != "text"]
        told = {one.column: one for one in further_questions(table, found, taken) if one.is_told}
        if choice.label_columns:
            choice = replace(choice, further=told, question=columns.labels[0])
        return table, choice, workbench.data.check(table, choice)

    return bringing


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_is_refused_by_row_with_what_to_do_and_nothing_is_there(name, bring, workbench):
    content, sentence = REFUSED[name]
    with pytest.raises(WorkbenchError) as refused:
        table, choice, check = bring(name, content)
        workbench.data.import_table(table, choice, check=check)
    assert sentence in refused.value.message and refused.value.hint
    assert workbench.projects.all() == []


@pytest.mark.parametrize("name", KNOWN)
def test_what_must_be_known_is_said_before_it_comes_in(name, bring, workbench):
    content, sentence = KNOWN[name]
    table, choice, check = bring(name, content)
    assert any(sentence in one for one in (*table.notes, *(hint.message for hint in check.hints)))
    assert check.ok and choice.text_columns
    assert workbench.data.count(workbench.data.import_table(table, choice), ItemFilter()) > 0


def test_ten_annotators_with_different_questions_each_answer_their_own(bring, workbench):
    def said(n):
        result = {"from_name": f"q{n}", "to_name": "text", "type": "choices", "value": {"choices": ["ab"[n % 2]]}}
        return {"completed_by": {"email": f"p{n}@x"}, "result": [result]}

    tasks = [{"id": n, "data": {"text": f"Text of number {n}"}, "annotations": [said(n)]} for n in range(10)]
    table, choice, check = bring("ls.json", json.dumps(tasks))
    asked = workbench.projects.questions(workbench.data.import_table(table, choice, check=check))
    assert [one.question for one in asked] == [f"q{n}" for n in range(10)]
    people = [[who.name for who in workbench.projects.annotators(one.id)] for one in asked]
    assert people == [[f"p{n}@x"] for n in range(10)]


def test_five_hundred_labels_of_which_several_are_chosen_come_in_whole(bring, workbench):
    rows = [{"text": f"text of number {n}", "labels": [f"l{n * k % 500}" for k in (1, 3, 7)]} for n in range(500)]
    table, choice, check = bring("labels.jsonl", lines(*rows))
    project = workbench.data.import_table(table, choice, check=check)
    assert len(workbench.tasks.get(project).labels) == 500


def test_a_text_of_a_megabyte_keeps_its_thousands_of_spans(bring, workbench):
    spans = [[5 * n, 5 * n + 4, "W"] for n in range(2_000)]
    rows = [{"text": f"{'word ' * 199_000}{n}", "label": spans} for n in range(2)]
    table, choice, check = bring("long.jsonl", lines(*rows))
    assert check.ok and check.misfits == 0
    project = workbench.data.import_table(table, choice, check=check)
    assert workbench.data.count(project, ItemFilter()) == 2
