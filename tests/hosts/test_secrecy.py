"""Keys are taken out of what hosts say, however they spell them, and nothing else is."""

import json
import os
from base64 import b64encode, urlsafe_b64encode
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import example, given
from hypothesis import strategies as some

from core.hosts.secrecy import HIDDEN, Hider, looks_like_a_key
from tests.fakes.spelling import WAYS

ROOT = Path(__file__).parents[2]
DATA = Path(os.environ.get("LABELLOOP_TEST_DATA") or ROOT.parent / "shared" / "data")
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
    **{name: spell(KEY) for name, spell in WAYS.items()},
    **{f"base64 behind {n} signs": b64encode(b"Bearer "[:n] + KEY.encode()).decode() for n in (3, 4, 5)},
    **{
        f"url-safe base64 behind {n} signs": urlsafe_b64encode(b"Bearer "[:n] + KEY.encode()).decode()
        for n in (3, 4, 5)
    },
    "HTML": KEY.replace("/", "&sol;").replace("+", "&plus;"),
    "an address": quote(KEY, safe="").lower(),
    "base64 in an address": quote(b64encode(b"Bearer " + KEY.encode()).decode(), safe=""),
    "base64 in JSON": b64encode(b"Bearer?" + KEY.encode()).decode().replace("/", "\\/"),
}


@pytest.mark.parametrize("coded", CODED.values(), ids=CODED)
def test_however_the_key_is_coded_it_is_taken_out_of_texts_and_bodies_and_streams(coded):
    inner = coded[10:-6]
    hider, said = Hider(KEY), f'{{"error": "caf\\u00e9 5 % & no {coded} here"}}'
    pieces = [said.encode()[i : i + 7] for i in range(0, len(said.encode()), 7)]
    for hidden in (hider.text(said), hider.data(said.encode()).decode(), b"".join(hider.stream(pieces)).decode()):
        assert inner not in hidden
        assert HIDDEN in hidden and hidden.startswith('{"error": "caf\\u00e9 5 % & no ')
        assert hidden.endswith(' here"}')


@pytest.mark.parametrize("coded", CODED.values(), ids=CODED)
def test_a_body_in_which_the_key_was_coded_can_still_be_read_as_json(coded):
    for depth in range(3):
        said = "no " + coded
        for _ in range(depth):
            said = json.dumps({"message": said})
        hidden = json.loads(Hider(KEY).data(json.dumps({"error": said, "code": 7}).encode()))
        assert coded[10:-6] not in hidden["error"] and HIDDEN in hidden["error"]
        assert hidden["code"] == 7
        for _ in range(depth):
            hidden = {"error": json.loads(hidden["error"])["message"]}
        assert hidden["error"].startswith("no ")


@pytest.mark.parametrize("inner", [way for way in WAYS if way != "base64 three times"])
@pytest.mark.parametrize("outer", ["base64", "an address", "JSON in JSON", "HTML in numbers", "hex", "wrapped base64"])
def test_codings_within_each_other_are_known(inner, outer):
    coded = WAYS[outer](WAYS[inner](f"Bearer {KEY}"))
    hidden = Hider(KEY).text(f"who sent {coded}?")
    assert HIDDEN in hidden
    assert "rapped" in inner or coded[len(coded) * 2 // 5 : len(coded) * 3 // 5] not in hidden


WORDS = ("not-needed", "local test", "my-secret-key", "lm-studio-dev", "Password", "stressed-out")
"""What people type where a server of their own asks for any key."""


@pytest.mark.parametrize("key", WORDS)
def test_words_that_are_a_key_are_hidden_as_they_stand_and_coded_and_not_where_text_has_them(key):
    hider = Hider(key)
    for coded in (key, key.upper(), b64encode(b"Bearer " + key.encode()).decode(), key.encode().hex()):
        assert HIDDEN in hider.text(f"who is {coded}?")
    other = " . ".join(key.replace("-", " ").split()) + "! Tuo desserts."
    assert hider.text(other) == (other if key != "Password" else f"{HIDDEN}! Tuo desserts.")


@given(some.text(max_size=400), some.sampled_from([KEY, "0123456789abcdef", "hunter2password", *WORDS]))
@example("\ud800 \\ud83d %C3%A9 &amp; &#x1F600; \\n == SGVsbG8gd29ybGQgYW5kIGFsbCBvZiB5b3UgdGhlcmU=", KEY)
def test_ordinary_text_stays_as_it_is(text, key):
    assert Hider(key).text(text) is text


def test_nothing_of_real_data_and_real_programs_is_taken_for_a_key():
    paths = [*ROOT.glob("*.lock"), *ROOT.glob("*.md"), *ROOT.glob("core/hosts/*.py"), *DATA.glob("*.csv")]
    texts = [path.read_text(encoding="utf-8") for path in paths]
    assert sum(map(len, texts)) > 100_000
    for text in texts:
        for key in ("sk-proj-AbCdEf0123456789AbCdEf01", "0f47ac10b58cc4372", "open-sesame-42"):
            assert Hider(key).text(text) is text


def test_a_text_loses_the_key_and_keeps_the_rest():
    assert Hider(KEY).text(f"Bearer {KEY}, twice: {KEY}") == f"Bearer {HIDDEN}, twice: {HIDDEN}"


@pytest.mark.parametrize("key", ["", "none", "1234567"])
def test_what_is_too_short_for_a_key_tears_no_words_apart(key):
    assert Hider(key).text(f"there is {key}") == f"there is {key}"
    assert Hider(key).data(b"\\u00e9 none") == b"\\u00e9 none"


SPLIT = [
    {"logprobs": [{"token": KEY, "bytes": list(KEY.encode())}], "code": 7},
    {KEY[:9]: KEY[9:], "code": 7},
    {"parts": [KEY[:5], KEY[5:11], [[KEY[11:]]]], "code": 7},
    {"in words": [f"it is {KEY[:9]}", "", f"{KEY[9:]}\n"], "code": 7},
    {"hex": [hex(byte) for byte in KEY.encode()], "code": 7},
    {"each": [[byte] for byte in KEY.encode()], "code": 7},
    {"each": [str(byte) for byte in KEY.encode()], "code": 7},
]


@pytest.mark.parametrize("said", SPLIT, ids=lambda said: str(list(said))[:20])
@pytest.mark.parametrize("indent", [None, 2])
def test_a_key_spread_over_what_json_holds_is_hidden_and_the_answer_can_be_read(said, indent):
    hidden = json.loads(Hider(KEY).data(json.dumps(said, indent=indent).encode()))
    assert hidden["code"] == 7 and HIDDEN in str(hidden)
    assert Hider(KEY).text(json.dumps(hidden)) == json.dumps(hidden)
    lines = b"".join(Hider(KEY).stream([json.dumps(one).encode() + b"\n" for one in [said, {"code": 8}, said]]))
    assert [json.loads(line)["code"] for line in lines.splitlines()] == [7, 8, 7]


@pytest.mark.parametrize("said", SPLIT, ids=lambda said: str(list(said))[:20])
@pytest.mark.parametrize("is_ascii", [True, False])
@pytest.mark.parametrize("times", [1, 2])
def test_what_a_gateway_passes_on_as_a_text_of_json_can_still_be_read_as_json(said, is_ascii, times):
    text = json.dumps([said, {"é": "größer 🎉", "code": 8, "planted": KEY}], ensure_ascii=is_ascii)
    for _ in range(times):
        text = json.dumps({"error": {"message": text}, "planted": KEY}, ensure_ascii=is_ascii)
    left = Hider(KEY).text(text)
    assert Hider(KEY).text(left) == left
    for _ in range(times):
        outer = json.loads(left)
        assert outer["planted"] == HIDDEN
        left = outer["error"]["message"]
    first, second = json.loads(left)
    assert first["code"] == 7 and HIDDEN in str(first)
    assert second == {"é": "größer 🎉", "code": 8, "planted": HIDDEN}


_LEAVES = (
    some.text(max_size=8)
    | some.integers()
    | some.booleans()
    | some.none()
    | some.floats(allow_nan=False)
    | some.tuples(some.text(max_size=6), some.sampled_from(sorted(WAYS)), some.text(max_size=6)).map(
        lambda three: three[0] + WAYS[three[1]](KEY) + three[2]
    )
    | some.just(list(KEY.encode()))
    | some.integers(1, len(KEY) - 1).map(lambda n: [KEY[:n], KEY[n:]])
    | some.integers(1, len(KEY) - 1).map(lambda n: {KEY[:n]: KEY[n:]})
)
_DOCUMENTS = some.recursive(
    _LEAVES,
    lambda inner: some.lists(inner, max_size=4) | some.dictionaries(some.text(max_size=5) | some.just(KEY), inner),
)


@given(_DOCUMENTS, some.sampled_from([None, 1]), some.booleans())
def test_any_json_with_the_key_planted_anywhere_still_is_json_and_holds_it_no_more(inner, indent, is_ascii):
    said = json.dumps({"a": inner, "planted": KEY, "last": 7}, indent=indent, ensure_ascii=is_ascii)
    hidden = Hider(KEY).text(said)
    assert json.loads(hidden)["last"] == 7
    assert KEY not in hidden and json.loads(hidden)["planted"] != KEY
    assert Hider(KEY).text(hidden) == hidden


@given(some.text(alphabet='ab\\"\nu0041é\ud83d', max_size=30), some.text(alphabet='\\"\nu04é\ud83d', max_size=9))
def test_escapes_beside_a_key_stay_whole(before, after):
    key = "u0041bcd12nfu00"
    hidden = json.loads(Hider(key).text(json.dumps({"said": f"{before}{key}{after}", "last": 7})))
    assert hidden["last"] == 7 and key not in hidden["said"]


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
