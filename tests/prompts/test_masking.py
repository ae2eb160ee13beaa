"""Masking: what is found and what is left alone, the same placeholder for the same value, nothing masked twice."""

import json
import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from stdnum import luhn
from stdnum.iso7064 import mod_97_10

from core.conversation import turns
from core.errors import WorkbenchError
from core.model import Example, Item, Masking
from core.prompts.masking import KINDS, Masker
from core.prompts.transcript import transcript

SALT = bytes(16)
PLACEHOLDER = r"\[(EMAIL|PHONE|CARD|ACCOUNT|NUMBER|NAME)_[0-9A-F]{8}\]"


def masker(*kinds, names=()):
    return Masker(Masking(kinds, tuple(names)), SALT)


def shape(text, *kinds, names=()):
    """The masked text with `<KIND>` for each placeholder."""
    return re.sub(PLACEHOLDER, r"<\1>", masker(*kinds, names=names).text(text))


FOUND = {
    "email": {
        "Write to anna.smith@example.com.": "Write to <EMAIL>.",
        "<anna+news@mail.example.co.uk>": "<<EMAIL>>",
        "'o'brien@example.org'": "'<EMAIL>'",
        "a@example.com,b@example.com": "<EMAIL>,<EMAIL>",
        "mailto:jörg@bücher.example": "mailto:<EMAIL>",
    },
    "phone": {
        "+49 171 1234567": "<PHONE>",
        "＋49 171 1234567": "<PHONE>",
        "+49 (0) 30 1234567, office": "<PHONE>, office",
        "+1 (212) 555-0123": "<PHONE>",
        "tel:+442079460958": "tel:<PHONE>",
        "+44 20 7946 0958 ext. 12 please": "<PHONE> please",
        "0171/1234567 or (030) 1234567": "<PHONE> or <PHONE>",
        "Anna,0171 1234567,Berlin": "Anna,<PHONE>,Berlin",
        "020 7946 0958": "<PHONE>",
        "01 23 45 67 89": "<PHONE>",
        "0044 20 7946 0958 and 011 44 20 7946 0958": "<PHONE> and <PHONE>",
        "(212) 555-0123, 212.555.0123, 1-800-555-0199": "<PHONE>, <PHONE>, <PHONE>",
        "Phone: 2125550123": "Phone: <PHONE>",
        "mobile 98765 43210": "mobile <PHONE>",
        "Tel. 612 345 678": "Tel. <PHONE>",
        "in 1995 0171 1234567": "in 1995 <PHONE>",
        "tel. 0171 1234567 0171 7654321": "tel. <PHONE> <PHONE>",
        "01.23.45.67.89, 05.03.24.12.15 and 05/03/24/12/15": "<PHONE>, <PHONE> and <PHONE>",
        "05.03.24 12 15": "<PHONE>",
        "order: 0800 1234567, to order 0171 1234567": "order: <PHONE>, to order <PHONE>",
        "ID 0171/1234567, ref 020-7946-0958": "ID <PHONE>, ref <PHONE>",
        "Telefonnummer 0171 1234567, Rufnr. 01711234567": "Telefonnummer <PHONE>, Rufnr. <PHONE>",
    },
    "card": {
        "4111 1111 1111 1111 12/26": "<CARD> 12/26",
        "4111-1111-1111-1111": "<CARD>",
        "Visa 4111111111111111.": "Visa <CARD>.",
        "old Visa 4222222222222": "old Visa <CARD>",
        "Diners 30569309025904": "Diners <CARD>",
        "3782 822463 10005 (American Express)": "<CARD> (American Express)",
        "12 5555 5555 5555 4444": "12 <CARD>",
        "6011 1111 1111 1117 3566 0020 2036 0505": "<CARD> <CARD>",
    },
    "account": {
        "DE89 3704 0044 0532 0130 00 and more": "<ACCOUNT> and more",
        "GB29NWBK60161331926819": "<ACCOUNT>",
        "iban de89370400440532013000,": "iban <ACCOUNT>,",
        "account no. 12345678": "account no. <ACCOUNT>",
        "Kontonummer: 1234567890": "Kontonummer: <ACCOUNT>",
        "sort code 12-34-56": "sort code <ACCOUNT>",
    },
    "digits": {"order 2125550123": "order <NUMBER>", "ID 123-456-789": "ID <NUMBER>"},
}


@pytest.mark.parametrize(("kind", "text", "expected"), [(k, t, e) for k, c in FOUND.items() for t, e in c.items()])
def test_real_formats_are_found(kind, text, expected):
    assert shape(text, kind) == expected


LEFT_ALONE = {
    "email": ["pkg@1.2.3", "meet me @ home", "@anna", "a@b", "50 @ $2.00"],
    "phone": [
        "from 1990-2000 and in 2024",
        "2024-03-05 12:30:00",
        "02.03.2024 05:12",
        "call me on 01.02.2024",
        "$2,125,550,123 or 1,234,567.89",
        "order 2125550123",
        "612 345 678 people",
        "0.0312 0.4412 0.12345678",
        "51.507351, -0.127758",
        "192.168.100.200",
        "978-3-16-148410-0",
        "0012345678 000123456 007",
        "+1 000",
        "Call 911!",
        "build 0x0171234567",
        "05.03.24 12:15, 03/25/24 08:30, 5-3-24",
        "call me on 05.03.24 12:15",
        "08.30 - 09.15 10.00",
        "01.2023 02.2023 03.2023",
        "ISBN 0306406152, ISBN-10: 0-306-40615-2, ISSN 0317-8471",
        "order no. 0123456789, Order #01234567 and order 0123456789",
        "Rechnungsnr. 0123456789, Kundennummer: 0171234567",
        "EAN 0123456789012, zip 02139-4307",
    ],
    "card": ["4111 1111 1111 1112", "1234567812345670", "41111111111111111111111", "a4111111111111111", "4111 1111"]
    + ["EAN 4006381333023"],
    "account": [
        "DE89 3704 0044 0532 0130 01",
        "account opened 2024-03-05",
        "the account has 120000 followers",
        "account: 1234567 dollars, Konto: 1000000 €",
        "XX12 3456 7890 1234 5678",
    ],
    "digits": ["12345678", "2024-03-05 12", "1,234,567,890"],
}


@pytest.mark.parametrize(("kind", "text"), [(kind, text) for kind, texts in LEFT_ALONE.items() for text in texts])
def test_what_only_looks_alike_is_left_alone(kind, text):
    assert masker(kind).text(text) == text


NAMED = {
    "ANNA SMITH met anna": "<NAME> met <NAME>",
    "Anna's and Anna’s; Annas Hund": "<NAME>'s and <NAME>’s; <NAME>s Hund",
    "Annabel, Joanna, annas": "Annabel, Joanna, annas",
    "Anna-Smith and Anna\nSmith": "<NAME> and <NAME>",
    "anna_1985, (Anna)": "<NAME>_1985, (<NAME>)",
    "MÜLLER, Mu\u0308ller, Mueller": "<NAME>, <NAME>, Mueller",
    "我叫王小明。": "我叫<NAME>。",
    "O’Brien and O'Brien": "<NAME> and <NAME>",
    "अनिता, अनि": "<NAME>, अनि",
}


@pytest.mark.parametrize("text", NAMED)
def test_names_are_whole_words_in_any_case_and_script(text):
    names = ["Anna", "Anna Smith", "Müller", "王小明", "O'Brien", "अनिता", " "]
    assert shape(text, names=names) == NAMED[text]


def test_the_longest_name_is_taken():
    whole, first = masker(names=["Anna", "Anna Smith"]).text("Anna Smith|Anna").split("|")
    assert re.fullmatch(PLACEHOLDER, whole) and re.fullmatch(PLACEHOLDER, first) and whole != first


SAME = [
    ("email", "Anna.Smith@Example.com", "anna.smith@example.COM"),
    ("phone", "+49 171 1234567", "0171/1234567"),
    ("phone", "+44 20 7946 0958", "0044 20 7946 0958"),
    ("card", "4111 1111 1111 1111", "4111-1111-1111-1111"),
    ("account", "DE89 3704 0044 0532 0130 00", "de89370400440532013000"),
]


@pytest.mark.parametrize(("kind", "one", "other"), SAME)
def test_the_same_value_gets_the_same_placeholder_however_it_is_written(kind, one, other):
    mask = masker(kind)
    assert mask.text(f"x {one} y") == f"x {mask.text(other)} y"


def test_another_value_and_another_salt_give_another_placeholder():
    one = masker("email").text("a@example.com")
    assert masker("email").text("b@example.com") != one
    assert Masker(Masking(("email",)), b"another salt").text("a@example.com") != one


def test_ten_thousand_values_have_as_many_placeholders():
    masked = masker("email").text(" ".join(f"user{i}@example.com" for i in range(10_000)))
    assert len(set(masked.split())) == 10_000


def test_finds_that_overlap_become_one_and_the_first_kind_names_it():
    assert shape("anna@example.com", "email", names=["Anna"]) == "<EMAIL>"
    assert shape("4111 1111 1111 1111", "card", "digits") == "<CARD>"
    assert shape("ring 0171 1234567", "phone", "digits") == "ring <PHONE>"


def test_fields_and_examples_are_masked_and_ids_labels_and_columns_stay():
    mask = masker("email")
    masked = mask.item(Item(7, "to a@example.com", "r7", {"from": "b@example.com", "c@example.com": "x"}))
    assert (masked.id, masked.external_id) == (7, "r7")
    assert re.fullmatch(f"to {PLACEHOLDER}", masked.text)
    assert re.fullmatch(PLACEHOLDER, masked.fields["from"]) and masked.fields["c@example.com"] == "x"
    shown = mask.example(Example(1, "a@example.com", "ask a@example.com", {"from": "b@example.com"}))
    assert masked.text == f"to {shown.text}" and shown.fields["from"] == masked.fields["from"]
    assert shown.said == "ask a@example.com"


TALK = [
    {"from": "anna@example.com", "value": "mail me at bob@example.com"},
    {"role": "assistant", "content": "ok", "name": "eve@example.com"},
]


def test_whoever_speaks_in_a_conversation_is_masked_as_well_and_the_usual_roles_stay():
    mask = masker("email", names=["Gpt", "Assistant"])
    told = json.loads(mask.cell(json.dumps(TALK)))
    assert "@" not in json.dumps(told) and told[1]["role"] == "assistant"
    assert told[0]["from"] == mask.text("anna@example.com")
    assert "@" not in transcript(mask.cell(json.dumps(TALK))) and turns(json.dumps(told))
    assert mask.revealed(f"{told[0]['from']} wrote", Item(1, json.dumps(TALK))) == "anna@example.com wrote"


HIDDEN = [
    ("email", '"id": "anna@example.com"'),
    ("email", '"tool_call_id": "anna@example.com"'),
    ("email", '"speaker": "anna@example.com"'),
    ("email", '"type": "anna@example.com"'),
    ("email", '"tool_calls": [{"function": {"name": "mail", "arguments": {"anna@example.com": true}}}]'),
    ("email", '"note": "anna@example.com", "note": "twice"'),
    ("phone", '"phone": 491701234567'),
    ("phone", '"phone": ["491701234567", 491701234568]'),
    ("card", '"paid": 4111111111111111'),
    ("digits", '"order": 12345678901234567890123'),
]


@pytest.mark.parametrize(("kind", "field"), HIDDEN)
def test_nothing_beside_what_is_said_is_sent_as_it_was(kind, field):
    plain = '[{"role": "user", "content": "hi", ' + field + "}]"
    masked = masker(kind).cell(plain)
    assert turns(masked), "it stays a conversation"
    assert not re.search(r"anna@|\d{12}", masked)
    assert masker(kind).cell(masked) == masked


def test_no_masking_is_the_very_same_item():
    nothing = masker(names=["", "  "])
    item = Item(1, "a@example.com")
    assert not nothing and nothing.item(item) is item and nothing.text(item.text) == item.text


def test_a_kind_that_does_not_exist_is_refused_rather_than_sent_unmasked():
    with pytest.raises(WorkbenchError, match="no kind of masking telephone"):
        masker("telephone")


PIECES = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        ["a@example.com", "+49 171 1234567", "0171 1234567", "212-555-0123", "4111 1111 1111 1111", "tel ", "account "]
        + [
            "DE89370400440532013000",
            "Anna",
            "Smith",
            "O'Brien",
            "[EMAIL_00000000]",
            "[",
            "]",
            "@",
            "0",
            "12",
            "-",
            " ",
            ".",
        ]
    ),
)
TEXTS = st.lists(PIECES, max_size=8).map("".join)
EVERYTHING = masker(*KINDS, names=["Anna", "Smith", "Anna Smith", "O'Brien", "example", "王"])


@given(TEXTS)
@example("Anna@Smith.example.com+49 171 12345670171 1234567")
@settings(max_examples=300)
def test_a_masked_text_is_masked_already(text):
    once = EVERYTHING.text(text)
    assert EVERYTHING.text(once) == once


@given(TEXTS, st.emails(domains=st.just("example.com")).filter(lambda s: re.fullmatch(r"[\w.+%-]+@example\.com", s)))
def test_no_address_gets_through_whatever_stands_around_it(text, address):
    masked = EVERYTHING.text(f"{text} {address} {text}")
    assert address.casefold() not in masked.casefold()


@given(st.integers(0, 10**11 - 1), st.sampled_from(["", " ", "-", "."]), st.sampled_from(["4", "51", "37", "6011"]))
def test_every_card_number_of_a_known_prefix_is_found_in_its_usual_groups(number, separator, prefix):
    length = 15 if prefix == "37" else 16
    digits = (prefix + f"{number:011}" + "0" * 16)[: length - 1]
    digits += luhn.calc_check_digit(digits)
    cuts = (0, 4, 10, 15) if length == 15 else (0, 4, 8, 12, 16)
    written = separator.join(digits[a:b] for a, b in zip(cuts, cuts[1:], strict=False))
    assert shape(f"pay with {written}, please", "card") == "pay with <CARD>, please"


@given(st.integers(0, 10**18 - 1), st.booleans())
def test_every_german_iban_is_found_whole_or_in_groups_of_four(number, in_groups):
    body = f"{number:018}"
    iban = "DE" + mod_97_10.calc_check_digits(body + "DE") + body
    written = " ".join(iban[i : i + 4] for i in range(0, len(iban), 4)) if in_groups else iban
    assert shape(f"to {written} today", "account") == "to <ACCOUNT> today"


LONG = {
    "at signs": "@" * 200_000,
    "a domain without end": "x@" + "a." * 100_000,
    "hyphens": "x@" + "a-" * 100_000,
    "digits": "1" * 200_000,
    "pairs of digits": "12 34-" * 33_000,
    "plus signs": "+" * 200_000,
    "brackets": "[" * 200_000,
    "a half IBAN": "DE89 " * 40_000,
    "account words": "account no " * 20_000,
    "one word": "x" * 200_000,
    "combining marks": "a\u0308" * 100_000,
}


@pytest.mark.parametrize("text", LONG.values(), ids=LONG)
@pytest.mark.timeout(60)
def test_a_long_text_that_invites_backtracking_comes_through_as_it_is(text):
    assert masker("email", "phone", "card", "account", names=["Anna Smith"]).text(text) == text


@pytest.mark.slow
def test_a_megabyte_of_prose_is_masked_to_its_last_word():
    text = "The committee met on Tuesday and decided nothing. " * 20_000 + "Write to a@example.com"
    masked = masker("email", "phone", "card", "account", names=["Anna Smith"]).text(text)
    assert re.fullmatch(re.escape(text.removesuffix("a@example.com")) + PLACEHOLDER, masked)
