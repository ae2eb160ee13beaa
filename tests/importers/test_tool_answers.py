"""What other tools' exports say, by kind of question, annotator and model; and what of them has no place."""

import json
from pathlib import Path
from typing import Any

import pytest

from core.importers import read_jsonl
from core.model import QuestionKind, TableData


@pytest.fixture
def read(tmp_path: Path):
    def of(records: list[Any], **beside: str) -> TableData:
        for name, text in beside.items():
            (tmp_path / name.replace("__", ".")).write_text(text, encoding="utf-8")
        path = tmp_path / "export.json"
        path.write_text(json.dumps(records, ensure_ascii=False), encoding="utf-8")
        return read_jsonl(path)

    return of


def cells(table: TableData, *names: str) -> list[list[Any]]:
    """The named columns, row by row, JSON as its value."""

    def value(cell: str) -> Any:
        return json.loads(cell) if cell[:1] in ("[", "{") else cell

    places = [table.columns.index(name) for name in names]
    return [[value(row[place]) for place in places] for row in table.rows]


def kinds(table: TableData) -> dict[str, str]:
    return {one.name: str(one.kind) for one in table.answers}


def result(value: dict[str, Any], name: str = "q", **more: Any) -> dict[str, Any]:
    return {"from_name": name, "to_name": "text", "value": value, **more}


def mark(start: int, end: int, *labels: str, text: str | None = None) -> dict[str, Any]:
    return result({"start": start, "end": end, "labels": list(labels), **({} if text is None else {"text": text})})


def task(*annotations: list[Any], predictions: list[Any] | None = None, **data: Any) -> dict[str, Any]:
    said = [{"completed_by": n, "result": given} for n, given in enumerate(annotations, start=1)]
    return {"data": data or {"text": "Ann met Ben"}, "annotations": said, "predictions": predictions or []}


def span(start: int, end: int, label: str, **more: str) -> dict[str, Any]:
    return {"start": start, "end": end, "label": label, **more}


def test_spans_of_label_studio_come_with_their_text_and_two_labels_are_two_spans(read) -> None:
    table = read([task([mark(0, 3, "PER", "NEW", text="Ann"), mark(8, 11, "PER")], [])])
    ann = [span(0, 3, "PER", text="Ann"), span(0, 3, "NEW", text="Ann"), span(8, 11, "PER")]
    assert cells(table, "annotator", "q") == [["annotator 1", ann], ["annotator 2", []]]
    assert kinds(table) == {"q": "spans"}
    assert "2 annotators, spans in “q”" in table.notes[0]


def test_a_prediction_is_the_word_of_a_model(read) -> None:
    said = {"model_version": "m7", "score": 0.5, "result": [mark(0, 3, "PER")]}
    table = read([task([mark(0, 3, "PER")], predictions=[said, 12])])
    assert table.models == {"model m7"}
    assert [row[0] for row in cells(table, "annotator")] == ["annotator 1", "model m7"]
    assert "1 annotator, 1 model" in table.notes[0]
    assert "predictions without content (1), scores of predictions (1)" in table.notes[1]


def test_a_question_that_once_has_two_choices_has_lists_throughout(read) -> None:
    one, two = [result({"choices": ["a"]})], [result({"choices": ["a", "b"]})]
    table = read([task(one, two, [])])
    assert [row[0] for row in cells(table, "q")] == [["a"], ["a", "b"], []]
    assert kinds(table) == {"q": "several_labels"}


def test_the_configuration_beside_tells_kind_and_labels(read) -> None:
    config = """<View><Text name="text" value="$text"/><Choices name="q" toName="text" choice="multiple">
        <Choice value="b"/><Choice value="a"/><Choice value="c"/></Choices></View>"""
    table = read([task([result({"choices": ["a"]})])], config__xml=config)
    assert table.answers[0].labels == ("b", "a", "c") and table.answers[0].kind == QuestionKind.SEVERAL_LABELS
    assert cells(table, "q") == [[["a"]]]
    assert "Questions and labels are from the configuration config.xml." in table.notes


@pytest.mark.parametrize("config", ["<View>", '<!DOCTYPE x [<!ENTITY a "b">]><View>&a;</View>'])
def test_a_configuration_that_cannot_be_read_is_said(read, config: str) -> None:
    table = read([task([result({"choices": ["a"]})])], config__xml=config)
    assert cells(table, "q") == [["a"]]
    assert any("The configuration config.xml was not used" in note for note in table.notes)


def test_ratings_texts_taxonomies_and_pairs_are_told_apart(read) -> None:
    said = [
        result({"rating": 4}, "stars"),
        result({"text": ["two", "lines"]}, "why"),
        result({"taxonomy": [["Animal", "Cat"]]}, "tree"),
        {"from_name": "a,b", "to_name": "a,b", "type": "pairwise", "value": {"selected": "right"}},
    ]
    table = read([task(said, a="one", b="two")])
    assert kinds(table) == {"stars": "rating", "why": "text", "tree": "single_label", "a,b": "preference"}
    assert cells(table, "stars", "why", "tree", "a,b") == [["4", "two\nlines", "Animal / Cat", "Second is better"]]
    assert table.answers[-1].candidates == ("a", "b")


@pytest.mark.parametrize(
    ("held", "order"),
    [
        ({"rank": ["y", "x"]}, [["candidate 2"], ["candidate 1"]]),
        (["y", "x"], [["candidate 2"], ["candidate 1"]]),
        ({"best": ["x"], "rest": ["z", "y"]}, [["candidate 1"], ["candidate 3", "candidate 2"]]),
    ],
)
def test_a_ranking_orders_fields_made_of_the_list_of_candidates(read, held: Any, order: list[list[str]]) -> None:
    listed = [{"id": one, "body": one.upper()} for one in "xyz"]
    table = read([task([result({"ranker": held})], text="t", items=listed)])
    assert cells(table, "q", "candidate 2") == [[order, "Y"]]
    assert kinds(table) == {"q": "ranking"}


def test_what_has_no_place_is_named_with_its_number(read) -> None:
    box = result({"x": 1, "y": 2, "width": 3, "height": 4, "rectanglelabels": ["Car"]})
    said = [box, box, {"type": "relation", "from_id": "a", "to_id": "b"}, mark(0, 3, "PER")]
    table = read([task(said)])
    assert table.notes[-1] == (
        "The file also contains, and LabelLoop has no place for: regions of pictures or films (2), "
        "relations between spans (1)."
    )


def test_the_short_form_of_label_studio_has_a_row_an_annotation(read) -> None:
    record = {"id": 1, "text": "Ann", "annotator": 3, "annotation_id": 9, "lead_time": 2.5}
    labels = {"label": [{"start": 0, "end": 3, "text": "Ann", "labels": ["PER"]}], "topic": {"choices": ["a", "b"]}}
    table = read([record | labels])
    assert cells(table, "annotator", "label", "topic") == [["annotator 3", [span(0, 3, "PER", text="Ann")], ["a", "b"]]]
    assert kinds(table) == {"label": "spans", "topic": "several_labels"}


def test_spans_of_doccano_in_both_of_its_shapes(read) -> None:
    entity = {"id": 5, "label": "PER", "start_offset": 0, "end_offset": 3}
    relation = {"id": 1, "from_id": 5, "to_id": 5, "type": "is"}
    table = read(
        [
            {"id": 1, "text": "Ann", "label": [[0, 3, "PER"]]},
            {"id": 2, "text": "Ann", "entities": [entity], "relations": [relation], "Comments": []},
            {"id": 3, "text": "none", "label": []},
        ]
    )
    assert cells(table, "id", "label") == [["1", [span(0, 3, "PER")]], ["2", [span(0, 3, "PER")]], ["3", []]]
    assert kinds(table) == {"label": "spans"} and "relations between spans (1)" in table.notes[-1]


def test_spans_of_prodigy_are_an_answer_where_they_were_accepted(read) -> None:
    held = [{"start": 0, "end": 3, "token_start": 0, "token_end": 0, "label": "PER"}]
    line = {"text": "Ann", "spans": held, "_input_hash": 1, "tokens": []}
    answers = [("accept", "ann"), ("reject", "ben"), ("ignore", "cleo")]
    table = read([line | {"answer": said, "_annotator_id": who} for said, who in answers])
    assert cells(table, "annotator", "label") == [["ann", [span(0, 3, "PER")]], ["ben", ""], ["", ""]]
    assert cells(table, "rejected")[1] == [[{"start": 0, "end": 3, "label": "PER"}]]
    assert kinds(table) == {"label": "spans"} and "ignored tasks (1)" in table.notes[-1]


def test_training_pairs_of_spacy_are_items_with_spans_and_categories(read) -> None:
    table = read(
        [
            ["Ann", {"entities": [[0, 3, "PER"]], "cats": {"a": 1.0, "b": 0.0}}],
            ["none", {"entities": [], "cats": {"a": 0.0, "b": 1.0}}],
        ]
    )
    assert cells(table, "text", "entities", "cats") == [["Ann", [span(0, 3, "PER")], "a"], ["none", [], "b"]]
    assert kinds(table) == {"entities": "spans", "cats": "single_label"}


def test_categories_of_which_none_or_several_are_true_are_sets(read) -> None:
    table = read([["x", {"cats": {"a": 1.0, "b": 1.0}}], ["y", {"cats": {"a": 0.0, "b": 0.0}}]])
    assert cells(table, "cats") == [[["a", "b"]], [[]]]


def test_an_argilla_record_holds_sets_spans_and_orders(read) -> None:
    def said(value: Any) -> list[dict[str, Any]]:
        return [{"user_id": "u1", "value": value, "status": "submitted"}]

    responses = {
        "topics": said(["a", "b"]),
        "marks": said([{"label": "PER", "start": 0, "end": 3}]),
        "order": said([{"value": "x", "rank": 1}, {"value": "y", "rank": 1}, {"value": "z", "rank": 3}]),
        "stars": said(4),
    }
    record = {"id": "1", "fields": {"text": "Ann"}, "responses": responses, "suggestions": {}}
    table = read([record])
    assert kinds(table) == {"topics": "several_labels", "marks": "spans", "order": "ranking", "stars": "rating"}
    expected = ["u1", ["a", "b"], [span(0, 3, "PER")], [["x", "y"], ["z"]], "4"]
    assert cells(table, "annotator", "topics", "marks", "order", "stars") == [expected]


def test_flat_argilla_records_are_the_same(read) -> None:
    record = {
        "id": "1",
        "text": "Ann",
        "q.responses": [["a"], ["b"]],
        "q.responses.users": ["u1", "u2"],
        "q.responses.status": ["submitted", "draft"],
        "q.suggestion": ["b"],
        "q.suggestion.score": 0.9,
        "q.suggestion.agent": "m",
    }
    table = read([record])
    assert cells(table, "text", "annotator", "q") == [["Ann", "u1", ["a"]], ["Ann", "model m", ["b"]]]
    assert table.models == {"model m"}


def test_kili_answers_get_the_names_of_the_interface(read) -> None:
    interface = {
        "jobs": {
            "TOPIC": {
                "mlTask": "CLASSIFICATION",
                "content": {"input": "checkbox", "categories": {"A": {"name": "Sport"}, "B": {"name": "News"}}},
            },
            "NER": {"mlTask": "NAMED_ENTITIES_RECOGNITION", "content": {"input": "radio", "categories": {}}},
        }
    }
    entity = {"beginOffset": 0, "content": "Ann", "categories": [{"name": "PER", "confidence": 100}], "mid": "m"}
    response = {"TOPIC": {"categories": [{"name": "A", "confidence": 100}]}, "NER": {"annotations": [entity]}}
    labels = [
        {"author": {"email": "ann@x.org"}, "labelType": "DEFAULT", "jsonResponse": response},
        {"labelType": "PREDICTION", "modelName": "m", "jsonResponse": response},
        {"labelType": "AUTOSAVE", "jsonResponse": response},
    ]
    asset = {"externalId": "e1", "content": "Ann met Ben", "labels": labels}
    table = read([asset], interface__json=json.dumps(interface))
    said = [["Sport"], [span(0, 3, "PER", text="Ann")]]
    assert cells(table, "id", "annotator", "TOPIC", "NER") == [
        ["e1", "ann@x.org", *said],
        ["e1", "model m", *said],
    ]
    assert table.models == {"model m"} and table.answers[0].labels == ("Sport", "News")
    assert "labels saved on the way (1)" in table.notes[-1]


def test_which_answer_was_chosen_is_not_told_by_its_place(read) -> None:
    prompt = {"role": "user", "content": "q"}
    pairs = [{"prompt": "q", "chosen": f"good {n}", "rejected": f"bad {n}"} for n in range(40)]
    table = read([*pairs, {"chosen": [prompt, {"role": "a", "content": "x"}], "rejected": [prompt, {"content": "y"}]}])
    said = cells(table, "prompt", "first answer", "second answer", "preference")
    assert {row[0] for row in said} == {"q"} and {*table.columns} == {
        "prompt", "first answer", "second answer", "preference"
    }  # fmt: skip
    for _, first, second, outcome in said[:-1]:
        assert (first if outcome == "First is better" else second).startswith("good")
    assert {row[3] for row in said} == {"First is better", "Second is better"}
    assert set(said[-1][1:3]) == {"x", "y"}
    assert table.answers[0].candidates == ("first answer", "second answer")


def test_equal_scores_are_a_tie_and_the_prompt_is_taken_out_of_both_answers(read) -> None:
    table = read([{"prompt": "Q:", "chosen": "Q: a", "rejected": "Q: b", "score_chosen": 7, "score_rejected": 7}])
    assert {*cells(table, "first answer", "second answer")[0]} == {"a", "b"}
    assert cells(table, "preference") == [["Tie"]]
