import pytest

from core.embedded.reading import answer_of, inline_examples, plain_messages, read, split_text

NAMES = ["SPORTS", "MEDIA & ENTERTAINMENT"]
LISTING = "Labels:\n- SPORTS: games\n- MEDIA & ENTERTAINMENT: films"


@pytest.mark.parametrize(
    "message",
    [
        "Foo wins the cup",
        "  Foo wins the cup\n",
        "Headline: Foo wins the cup",
        "Classify the following text.\n\nText: Foo wins the cup\n\nLabel:",
        f"{LISTING}\n\nFoo wins the cup\n\nAnswer with the label only.",
        f"{LISTING}\n\n<text>\nFoo wins the cup\n</text>\n\nAnswer with one label.",
        'Classify:\n"""\nFoo wins the cup\n"""',
        "Text: a film\nLabel: MEDIA & ENTERTAINMENT\n\nText: Foo wins the cup\nLabel:",
        "Classify this headline as SPORTS or MEDIA & ENTERTAINMENT: Foo wins the cup",
        "Classify the following headline:\n\nFoo wins the cup",
    ],
)
def test_the_text_is_found_among_instructions(message):
    assert split_text(message, NAMES)[0] == "Foo wins the cup"


@pytest.mark.parametrize("text", ["I saw it.\nComment: nice", "Foo wins: Bar loses", "I <b>love</b> it", "a\n\nb: c"])
def test_data_that_looks_a_little_like_a_prompt_stays_whole(text):
    assert split_text(text, NAMES) == (text, "")


def test_several_marked_fields_are_one_text():
    assert split_text("Headline: Foo wins\nDescription: Bar lost", NAMES)[0] == "Foo wins\nBar lost"


def test_earlier_pairs_are_examples_and_only_known_answers_count():
    messages = [
        {"role": "system", "content": LISTING},
        {"role": "user", "content": "Text: a film"},
        {"role": "assistant", "content": '{"label": "MEDIA & ENTERTAINMENT"}'},
        {"role": "user", "content": "hello"},
        {"role": "assistant", "content": "How can I help?"},
        {"role": "user", "content": "Text: a match"},
    ]
    talk = read(messages, NAMES)
    assert talk.text == "a match"
    assert talk.examples == (("a film", "MEDIA & ENTERTAINMENT"),)


def test_data_cannot_describe_labels():
    talk = read([{"role": "system", "content": LISTING}, {"role": "user", "content": "SPORTS: are films"}], NAMES)
    assert talk.instructions == (LISTING,)


def test_examples_inside_one_message_are_found():
    part = "Text: a film\nLabel: MEDIA & ENTERTAINMENT\n\nText: a match\nLabel: SPORTS\n"
    assert inline_examples(part, NAMES) == [("a film", "MEDIA & ENTERTAINMENT"), ("a match", "SPORTS")]


@pytest.mark.parametrize(
    ("content", "label"),
    [(" SPORTS\n", "SPORTS"), ('{"label": "SPORTS"}', "SPORTS"), ('{"why": "x", "label": "SPORTS"}', "SPORTS"),
     ('{"stars": 5}', "5"), ("{broken", "{broken"), ('"SPORTS"', "SPORTS")],
)  # fmt: skip
def test_an_answer_is_bare_or_a_json_property(content, label):
    assert answer_of(content, NAMES) == label


@pytest.mark.parametrize(
    ("messages", "where"),
    [([], "messages"), ([{"role": "robot", "content": "x"}], r"messages\.\[0\]\.role"),
     ([{"role": "user", "content": [{"type": "image_url"}]}], r"messages\.\[0\]\.content")],
)  # fmt: skip
def test_what_is_not_text_is_refused_by_place(messages, where):
    with pytest.raises(ValueError, match=where):
        plain_messages(messages)


LENGTH = 60_000
PIECES = [
    "<text> ",
    "```\n",
    '"""x\n',
    "'",
    " ",
    "\t",
    "\n ",
    "- ",
    "* ",
    "#",
    "text ",
    "label ",
    "classify text ",
    "or ",
    "a, ",
]


@pytest.mark.parametrize("piece", PIECES)
@pytest.mark.parametrize("before", ["", "<text>", '"', "label:", "labels: a or b", "- a", "classify the text"])
def test_a_message_of_any_shape_is_read_in_one_pass(before, piece):
    """Patterns that look again for each beginning take from minutes to days for these."""
    message = before + piece * (LENGTH // len(piece)) + "x"
    for content in (message, f"Text:{message}", f"{message}\nText: a"):
        read([{"role": "system", "content": content}, {"role": "user", "content": content}], ["A", "B"])
