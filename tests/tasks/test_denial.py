"""A label that a running text names only to deny it is not taken; one that it gives beside other denials is."""

import pytest

from core.model import AnswerKind, Label, Task
from core.tasks import parse_answer

TASK = Task((Label("SPORTS"), Label("POLITICS")))


def read(answer, *names):
    return parse_answer(Task(tuple(map(Label, names))) if names else TASK, answer, "stop", None)


@pytest.mark.parametrize(
    "answer",
    [
        "SPORTS isn't right",
        "SPORTS isn’t right",
        "SPORTS does not fit.",
        "SPORTS is incorrect",
        "SPORTS? No.",
        "SPORTS? Not really.",
        "SPORTS: no",
        "SPORTS is definitely wrong.",
        "It doesn't seem to be SPORTS",
        "Unlikely to be SPORTS",
        "not at all SPORTS",
        "There is nothing about SPORTS here",
        "I cannot say that this is SPORTS",
        "It fails to be SPORTS",
        "The article lacks any SPORTS content",
        "SPORTS, however, does not fit.",
        "I do not think, given the text, that this is SPORTS.",
        "I doubt that this is SPORTS.",
        "It is far from being SPORTS.",
        "This is anything but SPORTS.",
        "Is this SPORTS?",
        "Could it be SPORTS? The text reports an election.",
        "SPORTS. No, that is wrong.",
        "SPORTS\nThat is wrong.",
        "SPORTS?\nNo.",
        "SPORTS (wrong)",
        "SPORTS - no",
        "SPORTS (probably) does not fit.",
        "SPORTS: this label does not fit the text at all, sorry.",
        "I do not think that this text is about\nSPORTS.",
        "SPORTS can be ruled out.",
        "SPORTS would be a stretch.",
        "It looks like SPORTS. But it isn't SPORTS.",
        "The text is not, in my view, SPORTS.",
        "**SPORTS** is not applicable here.",
        "SPORTS, which is wrong",
        "The answer isn't SPORTS.",
        "SPORTS has nothing to do with it.",
        "Labels that do not apply: SPORTS",
        "I don't see how anyone could take this for an item about SPORTS",
    ],
)
def test_a_label_that_the_answer_denies_asks_about_or_takes_back_is_not_taken(answer):
    parsed = read(answer)
    assert (parsed.said, parsed.kind) == (TASK.fallback.name, AnswerKind.NO_LABEL)


@pytest.mark.parametrize(
    "answer",
    [
        "This is SPORTS, no doubt.",
        "Without a doubt, SPORTS.",
        "This is none other than SPORTS.",
        "SPORTS because it does not mention any minister.",
        "SPORTS, since no minister is named",
        "SPORTS, not a general item.",
        "This is SPORTS rather than tennis.",
        "SPORTS: the team has not won since May and the coach left.",
        "SPORTS - The match was never finished, so the fans got angry.",
        "Although no team is named, this is SPORTS.",
        "It does not name a team, but SPORTS fits best.",
        "It does not fit any other category, so SPORTS.",
        "SPORTS\nThe text does not mention anything else.",
        "SPORTS. No further comment.",
        "SPORTS; it does not speak of elections.",
        "The text is about SPORTS and not about weather.",
        "SPORTS, as there is no other topic.",
        "It does not name SPORTS outright. Still, SPORTS fits best.",
        "Is this SPORTS? Yes, it is.",
        "SPORTS\n\nIt is not easy to say, and the SPORTS page would not print it.",
        "If I am not mistaken, SPORTS.",
        "No, it is SPORTS.",
        "I choose SPORTS (not about the weather).",
        "What is the label? SPORTS",
        "I would file this under SPORTS.",
        "This is a SPORTS story about a player who never won.",
        "None of the other labels fit, so it is SPORTS.",
        "SPORTS even though it mentions no team.",
        "SPORTS and nothing else.",
        "There is no mention of elections, so SPORTS.",
        "Not sure, but SPORTS.",
        "It's a SPORTS text without any doubt.",
    ],
)
def test_a_label_given_beside_what_denies_something_else_is_taken(answer):
    parsed = read(answer)
    assert (parsed.said, parsed.kind) == ("SPORTS", AnswerKind.LABEL)


@pytest.mark.parametrize(
    ("names", "answer", "label"),
    [
        (("yes", "no"), "The answer to this is clearly no.", "no"),
        (("yes", "no"), "I would answer this with no, it does not.", "no"),
        (("spam", "not spam"), "I would say this is not spam.", "not spam"),
        (("No Finding", "Fracture"), "The report shows No Finding.", "No Finding"),
        (("correct", "incorrect"), "The claim is incorrect.", "incorrect"),
        (("hate", "OTHER"), "It does not fit any category: OTHER", "OTHER"),
        (("none", "some"), "I found none of it.", "none"),
        (("A", "B"), "This is a clear case of B.", "B"),
        (("A", "B"), "This is a hard one. It is not easy, but B.", "B"),
        (("A", "B"), "B does not fit, a pity.", "UNABLE_TO_CLASSIFY"),
        (("World\nNews", "x"), "This is World\nNews.", "World\nNews"),
    ],
)
def test_the_words_of_a_label_s_own_name_deny_nothing(names, answer, label):
    assert read(answer, *names).said == label


def test_the_reason_says_that_the_label_was_denied():
    assert read("SPORTS does not fit.").reason == 'the answer names SPORTS only to deny it: "SPORTS does not fit."'


@pytest.mark.parametrize("unit", ["(a)", "(", "not ", ". ", "\n", " about\n", "but ", ", so it ", "although "])
def test_an_answer_without_end_is_judged_and_does_not_raise(unit):
    assert read("SPORTS " + unit * 20_000).said in TASK.names
    assert read(unit * 20_000 + " SPORTS").said in TASK.names
