"""Keys are taken out of what hosts say, however they spell them, and nothing else is."""

import json
from base64 import b64encode, urlsafe_b64encode
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as some

from core.hosts.secrecy import HIDDEN, Hider, looks_like_a_key

KEY = "sk-a/b+c?d-12345678"
NUMBERED = "".join(f"\\u{ord(sign):04X}" for sign in KEY)
HALF_NUMBERED = KEY[:5] + "".join(f"\\u{ord(sign):04x}" for sign in KEY[5:])


@pytest.mark.parametrize(
    "spelled",
    [
        KEY, KEY.replace("/", "\\/"), quote(KEY, safe=""), NUMBERED, HALF_NUMBERED,
        b64encode(KEY.encode()).decode(), urlsafe_b64encode(KEY.encode()).decode(),
    ],
)  # fmt: skip
def test_every_spelling_is_taken_out_of_a_body(spelled):
    body = f'{{"error": "no {spelled} here"}}'.encode()
    hidden = Hider(KEY).data(body)
    assert json.loads(hidden)["error"].startswith(f"no {HIDDEN}")
    assert KEY[4:] not in json.loads(hidden)["error"]


CODED = {
    **{f"base64 behind {n} signs": b64encode(b"Bearer "[:n] + KEY.encode()).decode() for n in (3, 4, 5)},
    **{
        f"url-safe base64 behind {n} signs": urlsafe_b64encode(b"Bearer "[:n] + KEY.encode()).decode()
        for n in (3, 4, 5)
    },
    "hex": KEY.encode().hex(),
    "backwards": KEY[::-1],
    "small letters": KEY.lower(),
    "HTML": KEY.replace("/", "&sol;").replace("+", "&plus;"),
    "HTML in numbers": "".join(f"&#{ord(sign)};" for sign in KEY),
    "HTML in hex": "".join(f"&#x{ord(sign):X};" for sign in KEY),
    "bytes of Python": "".join(f"\\x{ord(sign):02x}" for sign in KEY),
    "an address": quote(KEY, safe="").lower(),
    "an address twice": quote(quote(KEY, safe=""), safe=""),
    "base64 in an address": quote(b64encode(b"Bearer " + KEY.encode()).decode(), safe=""),
    "base64 in JSON": b64encode(b"Bearer?" + KEY.encode()).decode().replace("/", "\\/"),
}


@pytest.mark.parametrize("coded", CODED.values(), ids=CODED)
def test_however_the_key_is_coded_it_is_taken_out_of_texts_and_bodies_and_streams(coded):
    inner = coded[10:-6]
    hider, said = Hider(KEY), f'{{"error": "caf\\u00e9 5 % & no {coded} here"}}'
    pieces = [said.encode()[i : i + 7] for i in range(0, len(said), 7)]
    for hidden in (hider.text(said), hider.data(said.encode()).decode(), b"".join(hider.stream(pieces)).decode()):
        assert inner not in hidden
        assert HIDDEN in hidden and hidden.startswith('{"error": "caf\\u00e9 5 % & no ')


def test_a_text_loses_the_key_and_keeps_the_rest():
    assert Hider(KEY).text(f"Bearer {KEY}, twice: {KEY}") == f"Bearer {HIDDEN}, twice: {HIDDEN}"


@pytest.mark.parametrize("key", ["", "none", "1234567"])
def test_what_is_too_short_for_a_key_tears_no_words_apart(key):
    assert Hider(key).text(f"there is {key}") == f"there is {key}"
    assert Hider(key).data(b"\\u00e9 none") == b"\\u00e9 none"


def test_other_letters_spelled_by_number_are_left_alone():
    assert Hider(KEY).data(b'{"a": "caf\\u00e9"}') == b'{"a": "caf\\u00e9"}'


@given(some.lists(some.sampled_from([KEY, NUMBERED, "text ", "sk-a", "\n"]), max_size=8), some.integers(1, 40))
def test_a_stream_is_the_same_wherever_it_is_cut(parts, size):
    whole = "".join(parts).encode()
    chunks = [whole[i : i + size] for i in range(0, len(whole), size)]
    assert b"".join(Hider(KEY).stream(chunks)) == Hider(KEY).data(whole)


@pytest.mark.parametrize(
    "text",
    [
        "sk-proj-AbCdEf0123456789AbCdEf01", "gsk_abcDEF0123456789abcDEF", "fw_3ZabcDEF0123456789",
        "https://gpu/sk-0123456789abcdef01/v1", "hf_abcDEF0123456789ab",
        '{"k": "AIzaSyA0123456789abcdefghi"}', "eyJhbGciOiJIUzI1NiJ9.e30.x",
    ],
)  # fmt: skip
def test_what_makers_mark_as_a_key_is_known(text):
    assert looks_like_a_key(text) and looks_like_a_key(text, strictly=True)


@pytest.mark.parametrize(
    "name", ["GROQ_API_KEY", "AZURE_OPENAI_API_KEY_2", "key_for_the_gateway_of_team_2", "sk_key", "My risk-model-2 box"]
)
def test_what_people_name_their_variables_and_hosts_is_no_key(name):
    assert not looks_like_a_key(name, strictly=True)


def test_a_bare_run_of_letters_and_digits_is_a_key_only_where_no_name_could_be_one():
    assert looks_like_a_key("0123456789abcdef0123456789abcdef", strictly=True)
    assert not looks_like_a_key("https://gateway.example/0123456789abcdef0123456789abcdef/v1")


def test_of_several_secrets_each_is_taken_out_and_the_longer_one_whole():
    hider = Hider("", "short", KEY, f"{KEY}-and-more")
    assert hider.text(f"{KEY}-and-more, {KEY}, short") == f"{HIDDEN}, {HIDDEN}, short"
    assert json.loads(hider.data(f'{{"a": "{NUMBERED}", "b": "{KEY}"}}'.encode())) == {"a": HIDDEN, "b": HIDDEN}


def test_it_does_not_show_what_it_hides():
    assert repr(Hider(KEY)) == "Hider()"
