"""What stands first in an announced answer is the answer; a label mentioned behind something else is not."""

import pytest

from core.model import AnswerKind, Label, Task
from core.tasks import parse_answer

TASK = Task((Label("SPORTS"), Label("POLITICS")))


def read(answer, task=TASK):
    return parse_answer(task, answer, "stop", None)


@pytest.mark.parametrize(
    "answer",
    [
        "Label: TENNIS (closest: SPORTS)",
        "Label: TENNIS [SPORTS]",
        "Category: TENNIS. Closest label would be SPORTS",
        "The label is TENNIS, similar to SPORTS.",
        "TENNIS (SPORTS)",
        "TENNIS (closest: SPORTS)",
        "Tennis match [SPORTS]",
        "Label: TENNIS, SPORTS",
        "Label: TENNIS - nearest is SPORTS",
        "Answer: TENNIS; on the list SPORTS comes closest",
        "Label: TENNIS\nReason: closest is SPORTS",
        "Label: TENNIS (a ball game played with rackets)\nClosest on the list: SPORTS",
        "The answer is closest to SPORTS",
        "The category is TENNIS, which is part of SPORTS",
        "The answer is not on the list, SPORTS is the nearest",
        "Label: TENNIS because SPORTS is too broad",
        "**Category:** TENNIS → SPORTS",
        "Final answer: women's tennis (SPORTS)",
        "The class is TENNIS in SPORTS",
        "Label: TENNIS/SPORTS",
        "Label: SPORTS NEWSPAPER",
        "The answer is: this is similar to SPORTS",
    ],
)
def test_a_label_mentioned_beside_an_answer_outside_the_list_is_not_taken(answer):
    parsed = read(answer)
    assert (parsed.said, parsed.kind) == (TASK.fallback.name, AnswerKind.NO_LABEL)


@pytest.mark.parametrize(
    "answer",
    [
        "Label: SPORTS (football)",
        "Label: SPORTS, because a match is reported",
        "Label: SPORTS. It reports a match.",
        "Label: SPORTS - a match report",
        "The answer is clearly SPORTS.",
        "The answer is most likely SPORTS",
        "The category is SPORTS, closest to what the text says.",
        "Answer: Based on the text, SPORTS.",
        "The answer is, in my view, SPORTS.",
        "Answer: It is a match report. SPORTS",
        "Answer: Sure! SPORTS",
        "Label: 1. SPORTS because of the match",
        "Label: SPORTS (95%)",
        "Label: SPORTS with high confidence",
        "The answer is SPORTS rather than tennis",
        "The answer is that the text belongs under SPORTS.",
        "I would say (SPORTS)",
        "Clearly (SPORTS)",
        "Label (SPORTS)",
        "SPORTS (tennis)",
        "This is a match report (SPORTS)",
        "The category is best described as SPORTS.",
        "Label: 3 (SPORTS)",
        "Label: SPORTS → tennis",
        "Answer: the SPORTS category",
        "Etiqueta: SPORTS",
        'Label: "SPORTS" (a text about tennis)',
    ],
)
def test_an_announced_label_is_taken_with_what_leads_in_and_what_follows(answer):
    parsed = read(answer)
    assert (parsed.said, parsed.kind) == ("SPORTS", AnswerKind.LABEL)


@pytest.mark.parametrize(
    "answer",
    [
        "Label: SPORTS, POLITICS",
        "Label: SPORTS (or POLITICS)",
        "Label: SPORTS / POLITICS",
        "The answer is SPORTS and POLITICS.",
    ],
)
def test_several_announced_labels_stay_several(answer):
    assert read(answer).kind is AnswerKind.SEVERAL_LABELS


def test_the_reason_quotes_what_was_answered_instead():
    assert read("Label: TENNIS (closest: SPORTS)").reason == (
        'the answer is "TENNIS (closest: SPORTS)", which is not a label'
    )


@pytest.mark.parametrize(
    ("answer", "label"),
    [
        ("Label: Arts, Culture and Media, since a painter is named", "Arts, Culture and Media"),
        ("The answer is Off (topic), clearly.", "Off (topic)"),
        ("Label: tennis (Arts, Culture and Media)", "UNABLE_TO_CLASSIFY"),
    ],
)
def test_brackets_and_commas_in_a_label_s_own_name_part_nothing(answer, label):
    assert read(answer, Task((Label("Arts, Culture and Media"), Label("Off (topic)")))).said == label


@pytest.mark.parametrize("unit", ["(", "a (b) ", ", ", " - ", "the ", "it "])
def test_an_announcement_without_end_is_judged_and_does_not_raise(unit):
    assert read("Label: " + unit * 20_000 + "SPORTS").said in TASK.names
