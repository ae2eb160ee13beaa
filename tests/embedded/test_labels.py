import pytest

from core.embedded.labels import Choice, describe, listed, readable, stated

NAMES = ["SPORTS", "MEDIA & ENTERTAINMENT"]
BOTH = {"SPORTS": "games", "MEDIA & ENTERTAINMENT": "films"}


@pytest.mark.parametrize(
    "prompt",
    [
        "- SPORTS: games\n- MEDIA & ENTERTAINMENT: films",
        "* SPORTS - games\n* MEDIA & ENTERTAINMENT — films",
        "1. **SPORTS**: games\n2) `MEDIA & ENTERTAINMENT` - films",
        "1. **SPORTS:** games\n2. **MEDIA & ENTERTAINMENT:** films",
        '"SPORTS" (games)\n"MEDIA & ENTERTAINMENT" (films)',
        "| SPORTS | games |\n| MEDIA & ENTERTAINMENT | films |",
        '{"SPORTS": "games",\n "MEDIA & ENTERTAINMENT": "films"}',
        "## SPORTS\ngames\n\n## MEDIA & ENTERTAINMENT\nfilms\n\nAnswer now.",
        "sports: games\nMedia & Entertainment: films",
    ],
)
def test_descriptions_are_read_however_the_prompt_writes_them(prompt):
    assert stated(prompt, NAMES) == BOTH


def test_a_name_inside_a_sentence_is_no_description():
    assert stated("We like SPORTS: they are fun.\nSPORTS are fun - really", NAMES) == {}


def test_the_longest_name_wins_a_line():
    assert stated("- SPORTS - COLLEGE: students", ["SPORTS", "SPORTS - COLLEGE"]) == {"SPORTS - COLLEGE": "students"}


@pytest.mark.parametrize(
    ("prompt", "names"),
    [
        ("Labels:\n- SPORTS: games\n- POLITICS", ("SPORTS", "POLITICS")),
        ("Rules:\n- Answer with a label.\n- Be brief.\n\nCategories:\n1. Sports\n2. Arts", ("Sports", "Arts")),
        ("Classify into one of: SPORTS, POLITICS or STYLE & BEAUTY.", ("SPORTS", "POLITICS", "STYLE & BEAUTY")),
        ("Choose one of the following categories: A / B / C", ("A", "B", "C")),
        ("Possible labels: SPORTS|POLITICS", ("SPORTS", "POLITICS")),
        ('Answer with one of "yes" or "no".', ("yes", "no")),
        ("The labels are:\nSPORTS: games\nPOLITICS: elections", ("SPORTS", "POLITICS")),
        ("You are a helpful assistant. Tell me a joke.", ()),
        ("Labels: only", ()),
    ],
)  # fmt: skip
def test_labels_are_found_in_a_prompt_without_a_schema(prompt, names):
    assert listed(prompt) == names


@pytest.mark.parametrize(("name", "words"), [("CULTURE_AND_ARTS", "culture and arts"), ("cardArrival", "card arrival"),
                                             ("Style & Beauty", "style & beauty"), ("___", "___")])  # fmt: skip
def test_names_are_made_readable(name, words):
    assert readable(name) == words


@pytest.mark.parametrize(
    ("name", "prompt", "is_fallback"),
    [
        ("UNABLE_TO_CLASSIFY", "", True),
        ("other", "", True),
        ("Otherworldly", "", False),
        ("X", "Answer X if none of the labels fits.", True),
        ("X", "- X: only if none of the labels above fits", True),
        ("X", "X is the most frequent label.", False),
    ],
)
def test_a_fallback_is_known_by_its_name_or_by_what_the_prompt_says(name, prompt, is_fallback):
    choices = describe([Choice("A"), Choice(name)], [prompt])
    assert [choice.is_fallback for choice in choices] == [False, is_fallback]


def test_a_description_in_the_schema_goes_before_the_prompt():
    assert describe([Choice("A", "from the schema")], ["- A: from the prompt"])[0].texts == ("a", "from the schema")
