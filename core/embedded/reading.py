"""What a conversation asks: the text to classify, the instructions around it, and the examples before it.

The text is the last user message. Where that message also holds instructions, the text is (first that applies)
 1. what stands in a tag such as <text>...</text>, or in a fence of triple quotes or backticks,
 2. what stands behind a marker line such as "Text:" or "Headline:" (several markers in a row are one text),
 3. what is left once the paragraphs that list labels or instruct are taken away,
 4. what stands behind the colon of "Classify this headline as A or B: ...".
A marker in the middle of a message counts only when the words before it instruct, so that data which happens to contain
"Comment:" is not cut. Earlier pairs of user and assistant messages, and "Text: ... Label: ..." pairs, are examples;
where no earlier assistant message is an answer, they are a conversation, and all of it is the text.
"""

import json
import re
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.embedded.labels import BLOCK_CUE, stated
from core.embedded.pictures.parts import text_of, text_parts

TAGS = "text|document|doc|item|input|headline|article|content|comment|sentence|review|message|tweet|post|passage"
TAGS += "|query|question|data|ticket|email|title|body|utterance|news|abstract|description|response"
ANSWERS = "label|category|class|answer|output|intent|sentiment|topic|prediction|classification|tag"

# Nothing here looks twice at the same stretch of a message: what opens and what closes is found apart, and runs of
# blanks are taken whole.
OPENING = re.compile(rf"(?:^|(?<=\s))<({TAGS})\b[^<>]*>", re.IGNORECASE)
CLOSING = re.compile(rf"</({TAGS})>", re.IGNORECASE)
FENCE = re.compile(r"^[ \t]*+(\"\"\"|'''|```)[a-z]*+[ \t]*+\n?", re.MULTILINE)
FENCE_END = re.compile(r"(\"\"\"|'''|```)[ \t]*+$", re.MULTILINE)
OPENERS, CLOSERS = ('"""', "'''", "```", '"', "“", "<<<"), ('"""', "'''", "```", '"', "”", ">>>")
MARKER = re.compile(
    rf"^[ \t]*+[#*_]*+[ \t]*+(?:the |your |input |news )?(?:{TAGS})(?: to (?:be )?\w+)?[*_]*[ \t]*:[*_]*[ \t]*",
    re.IGNORECASE | re.MULTILINE,
)
ANSWER = re.compile(rf"^[ \t]*+[#*_]*+[ \t]*+(?:the |your )?(?:{ANSWERS})[*_]*[ \t]*:[*_]*[ \t]*(.*)$", re.I | re.M)
INSTRUCTS = re.compile(
    r"\b(classif\w+|categori[sz]e|label|annotate|assign|choose|pick|select|decide|determine|identify|which (?:of|one)"
    r"|respond|reply|return|output|one of|categor(?:y|ies))\b",
    re.IGNORECASE,
)
COMMAND = re.compile(
    r"^\W*(?:please )?(answer|reply|respond|return|output|give|write|choose|pick|classify|label|use)\b", re.I
)
WRITES = re.compile(
    r"^\W*(?:please |you (?:are to |should |will )?)?(?:(?:re)?write|summari[sz]e|translate|paraphrase|correct|compose"
    r"|draft|shorten|simplify|explain|describe|continue|complete|answer the question|reply to|respond to)\b(?! with)",
    re.IGNORECASE | re.MULTILINE,
)
# "Classify this headline as A or B: ..." all in one sentence.
ONE_SENTENCE = re.compile(
    rf"((?:please )?(?:classify|label|categori[sz]e|annotate|choose|pick|decide)\b[^\n]{{0,300}}?"
    rf"\b(?:{TAGS})\b[^\n:]{{0,300}}:)\s+(.+)",
    re.IGNORECASE | re.DOTALL,
)


@dataclass(frozen=True)
class Conversation:
    """`instructions` are the messages without the texts: only they may describe labels, so that data cannot."""

    text: str
    instructions: tuple[str, ...]
    examples: tuple[tuple[str, str], ...]


def read(messages: Sequence[Mapping[str, str]], names: Sequence[str]) -> Conversation:
    """Reads messages whose last one (of role user) is to be answered. `names` are the labels known beforehand.

    Examples whose answer is none of `names` are left out, unless no name is known.
    """
    instructions = [m["content"] for m in messages if m["role"] in ("system", "developer")]
    last = max((i for i, m in enumerate(messages) if m["role"] == "user"), default=None)
    if last is None:
        return Conversation("", tuple(instructions), ())
    text, around = split_text(messages[last]["content"], names)
    if talk := _talk(messages[:last], names):
        return Conversation(f"{talk}\n\n{text}".strip(), (*instructions, around) if around else tuple(instructions), ())
    examples = [pair for part in (*instructions, around) for pair in inline_examples(part, names)]
    for asked, answered in zip(messages[:last], messages[1 : last + 1], strict=True):
        if asked["role"] == "user" and answered["role"] == "assistant":
            examples.append((split_text(asked["content"], names)[0], answer_of(answered["content"], names)))
    known = set(names)
    kept = tuple((t, label) for t, label in examples if label and (not known or label in known))
    return Conversation(text, (*instructions, around) if around else tuple(instructions), kept)


def _talk(before: Sequence[Mapping[str, str]], names: Sequence[str]) -> str:
    """What was said before the last message, where that is no row of examples; "" where it is, or nothing was."""
    answers = [message["content"] for message in before if message["role"] == "assistant"]
    if not names or not answers or any(object_in(one) or answer_of(one, names) in names for one in answers):
        return ""
    said = [message for message in before if message["role"] in ("user", "assistant")]
    return "\n\n".join(f"{one['role'].capitalize()}: {one['content']}" for one in said)


def answer_of(content: str, names: Sequence[str] = ()) -> str:
    """The label an assistant message states: the value of a JSON object's property, or the message itself, trimmed.

    Of several properties the one whose value is a known name counts, else the first whose value is a string.
    """
    bare = content.strip()
    if bare.startswith("{"):
        try:
            values = [v for v in json.loads(bare).values() if isinstance(v, str | int | float)]
        except (ValueError, RecursionError):
            return bare
        texts = [json.dumps(v) if isinstance(v, bool) else str(v) for v in values]
        return next((t for t in texts if t in names), next(iter(texts), bare))
    unquoted = bare.strip("\"'`")
    return unquoted if unquoted in names else bare


def object_in(content: str) -> dict[str, Any] | None:
    """The JSON object that an answer is; None for any other answer."""
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def asks_to_write(instructions: Sequence[str]) -> bool:
    """Whether the instructions want a text of its own: then what they list are rules for it and no labels. Where they
    speak of labels or the like as well, they want one."""
    told = "\n".join(instructions)
    return bool(WRITES.search(told)) and not BLOCK_CUE.search(told)


def split_text(message: str, names: Sequence[str] = ()) -> tuple[str, str]:
    """(text to classify, the instructions around it) of one user message; see the module's rules."""
    for find in (_tagged, _marked, _fenced, _left_over, _behind_colon):
        found = find(message, names)
        if found is not None:
            return found
    return message.strip(), ""


def inline_examples(part: str, names: Sequence[str]) -> list[tuple[str, str]]:
    """ "Text: ... Label: X" pairs inside instructions, where X is a known name."""
    pairs: list[tuple[str, str]] = []
    start = 0
    for answer in ANSWER.finditer(part):
        label = answer_of(answer.group(1).strip().rstrip("."), names)
        markers = list(MARKER.finditer(part, start, answer.start()))
        if markers and label in names:
            pairs.append((_unmarked(part[markers[0].start() : answer.start()]), label))
        start = answer.end()
    return pairs


def _tagged(message: str, _: Sequence[str]) -> tuple[str, str] | None:
    last = {closed[1].lower(): closed for closed in CLOSING.finditer(message)}
    pairs = [(opened, last.get(opened[1].lower())) for opened in OPENING.finditer(message)]
    # The last opening tag counts: earlier ones belong to examples.
    pairs = [(opened, closed) for opened, closed in pairs if closed and closed.start() >= opened.end()]
    if not pairs or pairs[-1][1] is None:
        return None
    opened, closed = pairs[-1][0], pairs[-1][1]
    around = f"{message[: opened.start()]}\n{message[closed.end() :]}".strip()
    return message[opened.end() : closed.start()].strip(), around


def _fenced(message: str, names: Sequence[str]) -> tuple[str, str] | None:
    found = _last_fence(message)
    if found is None:
        return None
    start, inside, outside, end = found
    around = f"{message[:start]}\n{message[end:]}".strip()
    return (message[inside:outside].strip(), around) if _instructs(around, names) else None


def _last_fence(message: str) -> tuple[int, int, int, int] | None:
    """Where the last fence begins, its content begins and ends, and the fence ends; None where none is closed."""
    ends: dict[str, list[re.Match[str]]] = {}
    for closed in FENCE_END.finditer(message):
        ends.setdefault(closed[1], []).append(closed)
    found, behind = None, 0
    for opened in FENCE.finditer(message):
        closing = ends.get(opened[1], [])
        place = bisect_left(closing, opened.end() + 1, key=lambda closed: closed.start())
        if opened.start() >= behind and place < len(closing):
            behind = closing[place].end()
            found = opened.start(), opened.end(), closing[place].start(), behind
    return found


def _marked(message: str, names: Sequence[str]) -> tuple[str, str] | None:
    answers = [m for m in ANSWER.finditer(message) if m.group(1).strip()]
    markers = list(MARKER.finditer(message))
    behind = [m for m in markers if not answers or m.start() > answers[-1].end()]
    first = next(iter(behind or markers), None)
    if first is None:
        return None
    before = message[: first.start()]
    if before.strip() and not _instructs(before, names):
        return None
    body, after = _without_commands(message[first.start() :], names)
    return _unmarked(body), f"{before}\n{after}".strip()


def _left_over(message: str, names: Sequence[str]) -> tuple[str, str] | None:
    paragraphs = [p for p in re.split(r"\n[ \t]*\n", message) if p.strip()]
    if not _lists_labels(message, names) and not (len(paragraphs) > 1 and _is_lead(paragraphs[0])):
        return None
    listing = [i for i, p in enumerate(paragraphs) if _lists_labels(p, names)]
    rest = paragraphs[listing[-1] + 1 :] if listing else paragraphs
    rest = [p for p in rest if not _is_lead(p) and not _is_command(p)]
    if not rest and listing:
        rest = [p for p in paragraphs[: listing[0]] if not _is_lead(p) and not _is_command(p)]
    if not rest:
        return None
    return "\n\n".join(rest).strip(), "\n\n".join(p for p in paragraphs if p not in rest)


def _behind_colon(message: str, _: Sequence[str]) -> tuple[str, str] | None:
    match = ONE_SENTENCE.match(message.strip())
    return (match.group(2).strip(), match.group(1)) if match else None


def _without_commands(text: str, names: Sequence[str]) -> tuple[str, str]:
    """Cuts what follows a text: an answer cue ("Label:") and paragraphs that command or list labels."""
    cue = next((m for m in ANSWER.finditer(text) if not m.group(1).strip()), None)
    kept, after = (text[: cue.start()], text[cue.end() :]) if cue else (text, "")
    paragraphs = re.split(r"\n[ \t]*\n", kept)
    while len(paragraphs) > 1 and (_is_command(paragraphs[-1]) or _lists_labels(paragraphs[-1], names)):
        after = f"{paragraphs.pop()}\n\n{after}"
    return "\n\n".join(paragraphs), after


def _unmarked(text: str) -> str:
    bare = MARKER.sub("", text).strip()
    opener = next((one for one in OPENERS if bare.startswith(one)), "")
    closer = next((one for one in CLOSERS if bare.endswith(one)), "")
    if opener and closer and len(bare) >= len(opener) + len(closer):
        return bare[len(opener) : len(bare) - len(closer)].strip()
    return bare


def _instructs(text: str, names: Sequence[str]) -> bool:
    return bool(INSTRUCTS.search(text)) or _lists_labels(text, names)


def _lists_labels(text: str, names: Sequence[str]) -> bool:
    """Whether at least two of the names are described in the text, or stand in it one to a line, or all in one line."""
    if len(names) < 2:
        return False
    lines = [line.strip(" \t-*•`\"'.,") for line in text.splitlines()]
    alone = len(set(names) & set(lines))
    return alone > 1 or len(stated(text, names)) > 1 or all(name in text for name in names)


def _is_lead(paragraph: str) -> bool:
    return (
        paragraph.rstrip().endswith((":", ".", "?"))
        and bool(INSTRUCTS.search(paragraph))
        and bool(
            COMMAND.match(paragraph)
            or paragraph.rstrip().endswith(":")
            or re.match(r"(?i)\W*(you|your|the task)\b", paragraph)
        )
    )


def _is_command(paragraph: str) -> bool:
    return bool(COMMAND.match(paragraph)) and bool(INSTRUCTS.search(paragraph)) and len(paragraph) < 400


def plain_messages(messages: object) -> list[dict[str, str]]:
    """Messages as role and text, pictures left out. Raises ValueError("messages.[i]...: why") for anything that is
    neither."""
    if not isinstance(messages, list) or not messages:
        raise ValueError("messages: must be a list with at least one message")
    return [{"role": _role(m, i), "content": _content(m, i)} for i, m in enumerate(messages)]


def _role(message: Any, index: int) -> str:
    role = message.get("role") if isinstance(message, dict) else None
    if role not in ("system", "developer", "user", "assistant"):
        raise ValueError(f"messages.[{index}].role: must be system, developer, user or assistant")
    return str(role)


def _content(message: dict[str, Any], index: int) -> str:
    content = message.get("content")
    try:
        text = text_of(content)
    except ValueError as error:
        raise ValueError(f"messages.[{index}]{error}") from error
    if message.get("role") != "user" and isinstance(content, list) and len(text_parts(content)) < len(content):
        raise ValueError(f"messages.[{index}].content: only a user message can have pictures")
    return text
