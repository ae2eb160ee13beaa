"""Prompts as its user sees it: a first prompt, editing, saving, comparing, trying."""

import json
from collections.abc import Mapping
from dataclasses import replace
from types import TracebackType
from typing import Any, Self

import pytest
from streamlit.proto.WidgetStates_pb2 import WidgetStates
from streamlit.testing.v1 import AppTest

from core.errors import WorkbenchError
from core.hosts.addresses import Connection
from core.hosts.control import ServedModel
from core.hosts.wire import Failure, Reply
from core.model import ErrorKind, Host, Label, Masking, Options, QuestionKind, Split, TableData, Task
from core.prompts import Change, diff_words
from core.services.data.bringing import ImportChoice
from core.services.drafts.keeping import Place
from core.services.hosts import connections as hosts
from core.services.hosts.drafts import HostDraft
from core.services.prompts import prompting, trying
from core.splits import Shares
from core.workbench import Workbench
from pages._ui.prompts.diff import changed_parts, in_words
from pages._ui.prompts.rows import results_rows
from pages._ui.prompts.try_panel import ways
from pages._ui.words.text import plain
from tests.pages.conftest import OpenApp, Small, add_model, asked, tables, texts


class FakeHost:
    """Answers what `say` holds, one answer for every call, and remembers what it was asked."""

    def __init__(self) -> None:
        self.say: Reply | Failure = Reply('{"label": "SPORTS"}', "stop", None, 100, 7, seconds=0.25)
        self.models: list[ServedModel] | WorkbenchError = [ServedModel("tiny"), ServedModel("large")]
        self.asked: list[Mapping[str, Any]] = []

    def list_models(self, _: Connection) -> list[ServedModel]:
        if isinstance(self.models, WorkbenchError):
            raise self.models
        return self.models

    def client(self, *_: object, **__: object) -> "FakeHost":
        return self

    async def ask(self, body: bytes) -> Reply | Failure:
        self.asked.append(json.loads(body))
        return self.say

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None


@pytest.fixture
def host(monkeypatch: pytest.MonkeyPatch) -> FakeHost:
    fake = FakeHost()
    monkeypatch.setattr("core.services.hosts.models.list_models", fake.list_models)
    monkeypatch.setattr(hosts.Hosts, "connection", lambda self, key: Connection("http://host.invalid/v1", "key"))
    monkeypatch.setattr(trying, "ChatClient", fake.client)
    return fake


def _area(at: Any, title: str) -> Any:
    return next(area for area in at.text_area if area.label.startswith(title))


def _button(at: Any, title: str) -> Any:
    return next(button for button in at.button if button.label.startswith(title))


# empty


def test_without_a_project_the_page_says_where_to_begin(app: OpenApp) -> None:
    at = app("prompts")
    assert not at.exception
    assert "There is no project yet." in texts(at)


def test_a_project_without_a_prompt_is_given_a_proposal_that_saves_as_v1(
    app: OpenApp, wb: Workbench, small: Small, host: FakeHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prompting.Prompting, "versions", lambda self, project_id: [])
    at = app("prompts", project=small.id)
    assert not at.exception
    assert "No prompt yet." in texts(at)
    assert "{{label_names}}" in _area(at, "System message").value
    assert _area(at, "User message").value == "{{text}}"
    assert not _button(at, "Save as v1").disabled


# the editors


def test_an_unknown_variable_is_named_with_what_was_meant_and_cannot_be_saved(
    app: OpenApp, small: Small, host: FakeHost
) -> None:
    at = app("prompts", project=small.id)
    _area(at, "System message").set_value("Use {{lables}}.").run()
    assert "{{lables}} is not a variable. Did you mean {{labels}}?" in texts(at)
    assert _button(at, "Save as v2").disabled
    assert _button(at, "Try on").disabled


def test_a_prompt_without_the_text_is_told_so(app: OpenApp, small: Small, host: FakeHost) -> None:
    at = app("prompts", project=small.id)
    _area(at, "User message").set_value("What is it?").run()
    assert "{{text}} is missing: without it the model never sees the item." in texts(at)


def test_a_prompt_in_order_says_about_how_many_tokens_an_item_takes(app: OpenApp, small: Small, host: FakeHost) -> None:
    assert "Variables are valid · about" in texts(app("prompts", project=small.id))


def test_all_questions_are_asked_at_once_by_one_press_and_a_trial_shows_what_each_gets(
    app: OpenApp, wb: Workbench, small: Small, host: FakeHost
) -> None:
    assert not [button for button in app("prompts", project=small.id).button if "at once" in button.label]
    wb.projects.name_question(small.id, "Topic")
    wb.projects.ask_further(small.id, "Mood", QuestionKind.SEVERAL_LABELS, ["glad", "angry"])
    at = app("prompts", project=small.id)
    before = _area(at, "System message").value
    _button(at, "Ask all 2 questions at once").click().run()
    assert "{{questions}}" in _area(at, "System message").value
    assert "One answer for all 2 questions: Topic, Mood." in texts(at)
    host.say = Reply('{"topic": {"label": "SPORTS"}, "mood": {"labels": ["angry"]}}', "stop", None, 100, 7)
    _button(at, "Try on").click().run()
    assert "Mood" in texts(at) and "angry" in texts(at) and "SPORTS" in texts(at)
    _button(at, "Discard changes").click().run()
    assert _area(at, "System message").value == before


def test_saving_makes_a_new_version_and_opens_it_and_leaves_the_old_one_as_it_was(
    app: OpenApp, wb: Workbench, small: Small, host: FakeHost
) -> None:
    at = app("prompts", project=small.id)
    before = _area(at, "System message").value
    _area(at, "System message").set_value("Pick from {{labels}}.").run()
    next(field for field in at.text_input if field.label == "Note").set_value("described").run()
    _button(at, "Save as v2").click().run()
    assert not at.exception
    newest, oldest = wb.prompts.versions(small.id)
    assert (newest.title, newest.system) == ("v2 described", "Pick from {{labels}}.")
    assert oldest.system == before
    assert asked(at, "prompt") == str(newest.id)
    assert _area(at, "System message").value == "Pick from {{labels}}."
    assert _button(at, "Save as v3").disabled


def test_discarded_changes_can_be_brought_back(app: OpenApp, small: Small, host: FakeHost) -> None:
    at = app("prompts", project=small.id)
    saved = _area(at, "System message").value
    _area(at, "System message").set_value("Pick from {{labels}}.").run()
    _button(at, "Discard changes").click().run()
    assert _area(at, "System message").value == saved
    _button(at, "Undo discard").click().run()
    assert _area(at, "System message").value == "Pick from {{labels}}."


@pytest.mark.parametrize("late", ["Pick from {{labels}}.", "Pick from"], ids=["the same", "words of before"])
def test_what_a_browser_still_says_of_fields_filled_anew_since_is_not_taken_for_typed(
    app: OpenApp, wb: Workbench, small: Small, host: FakeHost, late: str
) -> None:
    def said() -> WidgetStates:
        area = _area(at, "System message")
        return area.root.get_widget_states()

    at = app("prompts", project=small.id)
    saved = _area(at, "System message").value
    _area(at, "System message").set_value(late).run()
    late_message = said()
    _area(at, "System message").set_value("Pick from {{labels}}.").run()
    _button(at, "Discard changes").click().run()
    at._run(late_message)
    assert _area(at, "System message").value == saved
    late_message = said()
    _button(at, "Undo discard").click().run()
    at._run(late_message)
    assert _area(at, "System message").value == "Pick from {{labels}}."
    assert wb.drafts.open(Place(small.id, "prompt", str(small.version))).content["system"] == "Pick from {{labels}}."


def test_a_letter_typed_and_taken_back_leaves_what_was_discarded_before(
    app: OpenApp, small: Small, host: FakeHost
) -> None:
    at = app("prompts", project=small.id)
    saved = _area(at, "System message").value
    _area(at, "System message").set_value("Pick from {{labels}}.").run()
    _button(at, "Discard changes").click().run()
    _area(at, "System message").set_value(f"{saved}x").run()
    _area(at, "System message").set_value(saved).run()
    _button(at, "Undo discard").click().run()
    assert _area(at, "System message").value == "Pick from {{labels}}."


def test_a_link_opens_the_version_it_names_and_an_unknown_one_the_newest(
    app: OpenApp, wb: Workbench, small: Small, host: FakeHost
) -> None:
    second = wb.prompts.save(small.id, "Pick from {{labels}}.", "{{text}}", "described")
    assert _area(app("prompts", project=small.id, prompt=small.version), "System").value.startswith("Choose one of")
    at = app("prompts", project=small.id, prompt=99999)
    assert _area(at, "System").value == second.system
    assert not at.exception


# worked examples


def test_a_train_item_is_added_as_a_worked_example_saved_with_its_label_and_removed_again(
    app: OpenApp, wb: Workbench, small: Small, host: FakeHost
) -> None:
    def open_examples(version_id: int) -> None:
        at.session_state[f"prompt-{small.id}-{version_id}-examples-open"] = True
        at.run()

    at = app("prompts", project=small.id)
    open_examples(small.version)
    add = next(button for button in at.button if button.label == "Add")
    item_id = int(add.key.rsplit("-", 1)[1])
    add.click().run()
    open_examples(small.version)
    assert any(button.label == "Remove" for button in at.button)
    _button(at, "Save as v2").click().run()
    newest = wb.prompts.versions(small.id)[0]
    assert [example.item_id for example in newest.examples] == [item_id]
    assert newest.examples[0].text.startswith(newest.examples[0].said)

    open_examples(newest.id)
    next(button for button in at.button if button.label == "Remove").click().run()
    open_examples(newest.id)
    assert not any(button.label == "Remove" for button in at.button)
    assert not _button(at, "Save as v3").disabled


# trying


def test_trying_shows_five_answers_beside_the_reference_and_stores_nothing(
    app: OpenApp, wb: Workbench, small: Small, host: FakeHost
) -> None:
    at = app("prompts", project=small.id)
    _button(at, "Try on 5 random validation items").click().run()
    assert not at.exception
    assert len(host.asked) == 5
    shown = texts(at)
    same = shown.count("as maria")
    assert f"{same - 1} of 5** as maria labelled them" in shown
    assert shown.count("maria says") == 5 - (same - 1)
    assert "107 tokens" in " ".join(place.label for place in at.expander)
    assert '{"label": "SPORTS"}' in [block.value for block in at.code]
    assert small.other and wb.runs.all(small.id) == []


def test_other_random_items_are_asked_with_others(app: OpenApp, small: Small, host: FakeHost) -> None:
    at = app("prompts", project=small.id)
    _button(at, "Try on").click().run()
    first = {body["messages"][-1]["content"] for body in host.asked}
    host.asked.clear()
    _button(at, "Try others").click().run()
    assert {body["messages"][-1]["content"] for body in host.asked} != first


def test_answers_to_an_older_wording_are_marked_as_such(app: OpenApp, small: Small, host: FakeHost) -> None:
    at = app("prompts", project=small.id)
    _button(at, "Try on").click().run()
    assert "before your last change" not in texts(at)
    _area(at, "System message").set_value("Pick from {{labels}}.").run()
    assert "These answers are for the prompt before your last change." in texts(at)


def test_answers_are_still_to_the_prompt_that_was_saved_unchanged_after_they_came(
    app: OpenApp, small: Small, host: FakeHost
) -> None:
    at = app("prompts", project=small.id)
    _area(at, "System message").set_value("Pick from {{labels}}.").run()
    _button(at, "Try on").click().run()
    _button(at, "Save as v2").click().run()
    assert not at.exception and asked(at, "prompt") == str(small.version + 1)
    assert "as maria labelled them" in texts(at) and "before your last change" not in texts(at)


def test_a_proposal_that_nobody_changed_tells_the_descriptions_once_there_are_any(
    app: OpenApp, wb: Workbench, small: Small
) -> None:
    rows = [[f"n{i}", f"words {i * i} about {i * 7919 % 1009}", "AB"[i % 2]] for i in range(12)]
    choice = ImportChoice("Fresh", ("text",), ("label",), "id")
    fresh = wb.data.import_table(TableData(("id", "text", "label"), rows), choice)
    at = app("prompts", project=fresh)
    assert "{{label_names}}" in _area(at, "System message").value
    task = wb.tasks.get(fresh)
    wb.tasks.save(fresh, replace(task, labels=tuple(replace(one, description="so") for one in task.labels)))
    at.run()
    assert "{{labels}}" in _area(at, "System message").value and "Unsaved changes" not in texts(at)
    _area(at, "System message").set_value("Mine: {{label_names}}").run()
    wb.tasks.save(fresh, replace(wb.tasks.get(fresh), guidelines="More."))
    at.run()
    assert _area(at, "System message").value == "Mine: {{label_names}}"


def test_an_answer_outside_the_list_is_shown_as_the_fallback_with_the_reason(
    app: OpenApp, small: Small, host: FakeHost
) -> None:
    host.say = Reply('{"label": "TENNIS"}', "stop", None, 100, 7, seconds=0.25)
    at = app("prompts", project=small.id)
    _button(at, "Try on").click().run()
    assert 'UNABLE_TO_CLASSIFY** :red[:material/close:] :orange["TENNIS" is not one of the labels]' in texts(at)


def test_a_failed_call_is_a_sentence_and_its_raw_answer_is_kept(app: OpenApp, small: Small, host: FakeHost) -> None:
    host.say = Failure(ErrorKind.SERVER, "the model <b>crashed</b>", "Traceback: boom")
    at = app("prompts", project=small.id)
    _button(at, "Try on").click().run()
    assert not at.exception
    assert "5 calls failed" in texts(at)
    assert "the model <b>crashed</b>" in texts(at)
    assert "Traceback: boom" in [block.value for block in at.code]


def test_a_host_that_is_down_is_one_sentence_and_the_editors_still_work(
    app: OpenApp, small: Small, host: FakeHost
) -> None:
    host.models = WorkbenchError("The host cannot be reached.", "Check that it is running.")
    at = app("prompts", project=small.id)
    assert not at.exception
    assert texts(at).count("The host cannot be reached.") == 1
    assert _button(at, "Try on").disabled
    _area(at, "System message").set_value("Pick from {{labels}}.").run()
    assert not _button(at, "Save as v2").disabled


def test_a_trial_says_where_its_confidence_comes_from_and_what_was_cached(
    app: OpenApp, small: Small, host: FakeHost
) -> None:
    tokens = {"content": [{"token": "SPORTS", "logprob": -0.5, "top_logprobs": [{"token": "POL", "logprob": -2.0}]}]}
    host.say = Reply("SPORTS", "stop", None, 1100, 7, tokens, 1024, 0.25)
    at = app("prompts", project=small.id)
    _button(at, "Try on").click().run()
    facts = [place.label for place in at.expander]
    # e^-.5 / (e^-.5 + e^-2) = .6065 / .7419
    said = ".82 (probability over the labels, at least) · 250 ms · 1,107 tokens, 1,024 cached · messages"
    assert facts.count(plain(said)) == 5


def test_asked_five_times_the_share_of_the_answers_is_shown(app: OpenApp, small: Small, host: FakeHost) -> None:
    at = app("prompts", project=small.id, try_how=5)
    _button(at, "Try on").click().run()
    assert not at.exception
    assert len(host.asked) == 25
    assert [place.label for place in at.expander if plain("1.00 (share of 5 answers)") in place.label]
    assert "SPORTS 5" in [plain_text.value for plain_text in at.caption]


def test_a_preference_is_tried_in_both_orders_and_shows_what_was_sent_in_each(
    app: OpenApp, wb: Workbench, small: Small, host: FakeHost
) -> None:
    outcomes = (Label("First is better", score=1.0), Label("Tie", score=0.0), Label("Second is better", score=-1.0))
    task = Task(outcomes, type=QuestionKind.PREFERENCE, options=Options(candidates=("one", "two")))
    rows = [(f"question {n}", f"answer a{n}", f"answer b{n}") for n in range(30)]
    made = wb.data.import_table(TableData(("text", "one", "two"), rows), ImportChoice("pairs", ("text",)), task=task)
    wb.data.split(made, Shares(0.5, 0.4, 0.1), seed=1)
    wb.prompts.save(made, *wb.prompts.proposal(made))
    host.say = Reply('{"better": "First is better"}', "stop", None, 100, 7)
    assert "Order" not in [one.label for one in app("prompts", project=small.id).selectbox]
    at = app("prompts", project=made, try_order="both")
    _button(at, "Try on").click().run()
    assert not at.exception
    assert len(host.asked) == 10
    assert texts(at).count("the answer changes with the order: First is better and Second is better") == 5
    assert len([place for place in at.expander if place.label.startswith("asked in both orders")]) == 5
    assert "Candidates swapped" in texts(at)


def test_a_masked_text_is_shown_as_it_was_sent(app: OpenApp, wb: Workbench, small: Small, host: FakeHost) -> None:
    words = {item.text.split()[0] for item in wb.prompts.trial_items(small.id, n=12)}
    wb.hosts.add("custom", HostDraft("Mine", "http://127.0.0.1:9/v1", masking=Masking(names=tuple(words))))
    at = app("prompts", project=small.id, try_host="custom")
    _button(at, "Try on").click().run()
    assert not at.exception
    assert len([place for place in at.expander if place.label.startswith("masked")]) == 5
    sent = {body["messages"][-1]["content"] for body in host.asked}
    assert all(text.startswith("[NAME_") for text in sent)
    assert sent <= {block.value for block in at.code}


def test_nothing_can_be_tried_on_a_host_elsewhere_before_it_is_allowed(
    app: OpenApp, wb: Workbench, small: Small, host: FakeHost
) -> None:
    wb.hosts.add("custom", HostDraft("Mine", "https://host.invalid/v1"))
    at = app("prompts", project=small.id, try_host="custom")
    assert "Before the first call to Mine" in texts(at)
    assert _button(at, "Try on").disabled
    _button(at, "Allow Mine").click().run()
    assert "Before the first call" not in texts(at)
    assert not _button(at, "Try on").disabled


def test_a_decision_is_offered_where_the_host_and_the_model_decide() -> None:
    openai = Host("openai", "OpenAI", "https://api.openai.com/v1", profile="openai")
    assert list(ways(openai, "gpt-6-luna")) == ["1", "3", "5", "decisions"]
    assert list(ways(openai, "gpt-6-sol")) == ["1", "3", "5"]
    assert list(ways(replace(openai, profile="vllm"), "gpt-6-luna")) == ["1", "3", "5"]


# results and differences


def test_known_results_say_on_how_many_items_with_which_interval_and_against_whom(
    app: OpenApp, wb: Workbench, small: Small, host: FakeHost
) -> None:
    add_model(wb, small, "tiny · v1", wrong_every=4, split=Split.VALIDATION)
    at = app("prompts", project=small.id)
    # 12 validation items, of which every fourth (3) is wrong: 9 of 12.
    assert tables(at) == [[{"Version": "v1 names", "Model": "tiny", "Accuracy": ".75 [.47, .93]", "Items": "12"}]]
    shown = texts(at)
    assert "Accuracy against maria on the validation split" in shown
    assert shown.replace("\u00a0", " ").count("95 % intervals: Wilson, modified near the edge.") == 1


def _accuracy(at: AppTest) -> str:
    return tables(at)[0][0]["Accuracy"]


def test_known_results_follow_the_reference(app: OpenApp, wb: Workbench, small: Small, host: FakeHost) -> None:
    add_model(wb, small, "tiny · v1", wrong_every=0, split=Split.VALIDATION)
    assert _accuracy(app("prompts", project=small.id)).startswith("1.00 [")
    wb.projects.set_reference(small.id, small.other)
    at = app("prompts", project=small.id)
    assert _accuracy(at).startswith(".") and "[" in _accuracy(at)
    assert "Accuracy against jonas on the validation split" in texts(at)


def test_a_version_without_validation_labels_is_undefined_with_the_reason(wb: Workbench, small: Small) -> None:
    add_model(wb, small, "tiny · v1", wrong_every=0, split=Split.TRAIN)
    ((_, _, accuracy, items),) = results_rows(wb.prompts.known_results(small.id))
    assert (accuracy.text, items.text) == ("undefined", "0") and accuracy.note and not accuracy.dots


def test_only_parts_that_differ_are_shown_and_their_words_counted() -> None:
    changes = diff_words("Use {{label_names}} only.", "Use {{labels}} only, please.")
    assert list(changed_parts({"system": changes, "user": [Change("same", "{{text}}")]})) == ["system"]
    # label_names -> labels; "." -> ", please."
    assert in_words(changes).startswith("1 removed, ")
    assert in_words([Change("same", "a"), Change("added", "\n")]) == "only spaces or line breaks changed"


def test_comparing_two_versions_shows_what_changed(app: OpenApp, wb: Workbench, small: Small, host: FakeHost) -> None:
    wb.prompts.save(small.id, "Choose one of {{labels}}.", "{{text}}", "described")
    at = app("prompts", project=small.id)
    assert "What changed from v1 to v2" in texts(at)
    assert "System message · 1 removed, 1 added (words)" in texts(at)
    assert "The same in both: user message, worked examples." in texts(at)


def test_an_unsaved_prompt_is_there_again_in_another_session(app: OpenApp, small: Small, host: FakeHost) -> None:
    at = app("prompts", project=small.id)
    _area(at, "System message").input("Mine: {{label_names}}").run()
    again = app("prompts", project=small.id)
    assert _area(again, "System message").value == "Mine: {{label_names}}"
    assert "Unsaved changes from" in texts(again)
    _area(again, "System message").input("Choose one of {{label_names}}.").run()
    assert "Unsaved" not in texts(again)
    assert "Unsaved" not in texts(app("prompts", project=small.id))


def test_two_tabs_on_one_prompt_are_told(app: OpenApp, small: Small, host: FakeHost) -> None:
    one, other = app("prompts", project=small.id), app("prompts", project=small.id)
    _area(one, "System message").input("One: {{label_names}}").run()
    _area(other, "System message").input("Other: {{label_names}}").run()
    assert "also being edited in another tab" in texts(other)
    _button(other, "Show the other tab's changes").click().run()
    assert _area(other, "System message").value == "One: {{label_names}}"
    assert "another tab" not in texts(other)


def test_a_draft_says_which_versions_came_since_it_was_begun(
    app: OpenApp, wb: Workbench, small: Small, host: FakeHost
) -> None:
    at = app("prompts", project=small.id)
    _area(at, "System message").input("Mine: {{label_names}}").run()
    wb.prompts.save(small.id, "Theirs: {{label_names}}", "{{text}}", "theirs")
    again = app("prompts", project=small.id, prompt=small.version)
    assert _area(again, "System message").value == "Mine: {{label_names}}"
    assert "v2 was saved after you began to change v1: your text does not include it." in texts(again)
