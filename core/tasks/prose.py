"""What a running text says of the labels that it names: it gives one, leaves one open, mentions one, or denies one.

A label counts where it is given and nothing speaks against it: every other label that the text names must be denied, or
only stand in a reason or a concession. In doubt nothing is given: a wrong label is worse than none.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from core.tasks.denial import is_denied, is_struck, is_taken_back, own_clause, says_yes, without_idioms
from core.tasks.keys import NEVER, rank
from core.tasks.mentions import MARK, Marked

_MOST = 200
"""No answer names labels more often; a text that does runs on in a loop."""
_WINDOW = 500
_END = re.compile(r"(?<!\be\.g\.)(?<!\bi\.e\.)(?<!\bvs\.)(?<=[.!?;。])[\"'”’*_)]{0,4}\s+|\n")
_GOES_ON = re.compile(
    r"\b(?:about|is|be|as|that|to|of|the|an?|in|for|with|on|not|call(?:ed)?|label|category|class"
    r"|n['’]t)[ \t]*\n(?=[^\n])"
)
_COLON = re.compile(r"[:=：]")
_NO_HEAD = re.compile(r"[.!?,;|(\[\x00]")
_HEAD_WORDS, _LONGEST_HEAD = 4, 80
_REASON = re.compile(
    r"(?:\b(?:because|since|due to|given|although|though|while|whereas|even if|even though|despite|in spite of)\b"
    r"|\bas (?:it|its|the|this|there|no|they)\b|[,(]\s?as\b)[^,;]*$"
)
_IF = re.compile(r"(?<!\beven )\bif\b|\bunless\b|\bwhether\b")
_HEDGED = re.compile(
    r"\b(?:maybe|perhaps|possib(?:ly|le|ility)|might|may (?:\w+ )?(?:be|fit|apply|fall|belong)|arguably|conceivably"
    r"|could (?:\w+ )?(?:be|fit|apply|fall|belong|look|see|say|seem|pass)|unsure|uncertain|unclear"
    r"|(?:not|n't) (?:\w+ )?(?:sure|certain|clear)|hard to (?:say|tell)|wonder(?:ing)?|depends|tempt\w+|at first"
    r"|first (?:glance|sight|impression)|comes? to mind|th(?:ink|inking|ought) (?:of|about)|was thinking|considered"
    r"|one (?:option|candidate|might|could)|candidates?|leaning|borderline|partly|partially|a mix of|guess(?:ing)?"
    # the same in other languages
    r"|vielleicht|möglicherweise|eventuell|könnte|peut-être|pourrait|quizás?|tal vez|podría|talvez|poderia|forse"
    r"|potrebbe|возможно|может быть|misschien)\b|可能|也许"
)
_NEAR = re.compile(
    r"\b(?:closest|nearest|close to|near(?:er)?|similar|akin|comparable|resembl\w+|something like|sub\w+ of|next best"
    r"|(?:it|they)(?:'s| is| are) (?:\w+ )?related|(?:kind|type|sort|form|part|branch|area|field|aspect) of)\b"
    r"|^\W*like\b"
)
_MENTIONED = re.compile(
    r"\b(?:mention\w*|(?:appears?|occurs?)(?=\W*$| (?:in|at|once|twice)\b)|says|reads|states|refers?|alludes?"
    r"|touch(?:es|ed)|for (?:example|instance)|such as)\b|\be\.g\."
)
_TOO = re.compile(r"\b(?:also|too|both|equally|as well|either|alternatively|or)\b")
_BUT = re.compile(r"\b(?:but|however)\b[^.]*\x00")
_OFFER = re.compile(
    r"^\W*(?:of course\W+)?(?:i|we)\s?(?:can(?:not|'t)?|could|would|will|am|'d|'ll|'m)\s(?:not )?(?:be )?(?:\w+ )?"
    r"(?:help|assist|happy|glad|ready|do (?:that|so|this))\b"
)
_QUOTES = (('"', '"'), ("“", "”"), ("„", "“"), ("«", "»"), ("「", "」"))
_UNDONE = re.compile(
    r"\b(?:(?:i|we) (?:(?:still|also|now|first) )?(?:(?:need|have|want|ought) to|should|must|will)|(?:i|we)'ll"
    r"|let me|let's|let us) (?:\w+ )?(?:check|think|consider|verify|look|analy[sz]e|re-?read|examine|compare|double"
    r"|decide|determine|figure)\b"
)
_SAYS = re.compile(r"\b(?:says|reads|states|titled|headed)\W*$")
_JOINT = re.compile(
    r"[,;:()\[\]]|\s[-–—]\s|[-=]>|→|\b(?:because|since|due to|although|though|even though|while|whereas|despite)\b"
)
_CONCLUSION = re.compile(
    r"(?:\b(?:so|therefore|hence|thus|instead)\b|[:=→>])\W*"
    r"(?:(?:clearly|simply|just|the|a|an|label|it's|it is)\W+){0,3}$"
)
_STATEMENT = re.compile(
    r"^\W*(?:it|(?:this|that|these)(?: \w+){0,2}|i|we|the (?:\w+ ){1,5}|my (?:\w+ ){1,3})\s?(?:'\w+|is|was|would|should"
    r"|must|belongs?|falls?|fits?|say|choose|label|classify|conclude|believe|think|go|assign)\b"
)


class Stance(StrEnum):
    """What one mention of a label says of it. ASIDE: it stands in a reason, or is conceded."""

    GIVEN = "given"
    OPEN = "open"
    ASIDE = "aside"
    DENIED = "denied"


@dataclass(frozen=True)
class Mention:
    """One place that names a label. `is_plain`: it is stated there, not only named."""

    key: str
    stance: Stance
    is_plain: bool = False
    is_alone: bool = False


@dataclass(frozen=True)
class Judged:
    """`given`: the label, as it is folded, that the text gives; None where it is none or several.

    `stances`: what it says of each that it names.
    """

    given: str | None
    stances: dict[str, Stance]


def judged(marked: Marked) -> Judged:
    """What a text says of the labels that it names."""
    if len(marked.keys) > _MOST or _is_undone(marked.text.rpartition(MARK)[2]):
        return Judged(None, dict.fromkeys(marked.keys, Stance.OPEN))
    of: dict[str, list[Mention]] = {}
    for mention in _mentions(marked):
        of.setdefault(mention.key, []).append(mention)
    stances = {key: _stance_of(mentions) for key, mentions in of.items()}
    given = [key for key, stance in stances.items() if stance is Stance.GIVEN]
    if len(given) != 1 or Stance.OPEN in stances.values():
        return Judged(None, stances)
    is_plain = any(mention.is_plain for mention in of[given[0]] if mention.stance is Stance.GIVEN)
    return Judged(given[0] if is_plain or len(of) == 1 else None, stances)


def head_of(line: str) -> tuple[str, str] | None:
    """The few words before a colon that lead in what follows, and what follows; None where there are none."""
    colon = _COLON.search(line, 0, _LONGEST_HEAD)
    head = line[: colon.start()].strip(" \t*_`\"'#>-•") if colon else ""
    is_head = bool(colon and head) and len(head.split()) <= _HEAD_WORDS and not _NO_HEAD.search(head)
    return (head, line[colon.end() :]) if colon and is_head else None


def _stance_of(mentions: Sequence[Mention]) -> Stance:
    """A sentence that is nothing but the label gives it, whatever the others say; otherwise the last decides."""
    if any(mention.is_alone and mention.stance is Stance.GIVEN for mention in mentions):
        return Stance.GIVEN
    return next((one.stance for one in reversed(mentions) if one.stance is not Stance.ASIDE), Stance.ASIDE)


def _mentions(marked: Marked) -> Iterator[Mention]:
    keys = iter(marked.keys)
    parts = _sentences(marked.text)
    for number, sentence in enumerate(parts):
        following = parts[number + 1] if number + 1 < len(parts) else ""
        for place in (place for place, sign in enumerate(sentence) if sign == MARK):
            yield _judge(next(keys), sentence, place, following)


def _sentences(text: str) -> list[str]:
    """The sentences of a text; a line break ends one, except behind a word that calls for more."""
    joined = _GOES_ON.sub(lambda found: found.group()[:-1] + " ", text.replace("’", "'"))
    return [part.strip() for part in _END.split(joined) if part.strip()]


def _judge(key: str, sentence: str, place: int, following: str) -> Mention:
    before, behind = sentence[max(0, place - _WINDOW) : place], sentence[place + 1 : place + _WINDOW]
    if _is_quoted(before, behind):
        return Mention(key, Stance.ASIDE)
    if not is_struck(before) and not any(sign.isalnum() or sign in "❌✗✘☐" or sign == MARK for sign in before + behind):
        return _judge_alone(key, sentence, following)
    before, behind = without_idioms(before), without_idioms(behind)
    own = own_clause(before)
    stance = _stance(before, own, behind)
    if stance is Stance.GIVEN and is_taken_back(following):
        stance = Stance.DENIED
    if sentence.endswith("?") and stance is Stance.GIVEN and not says_yes(following):
        stance = Stance.OPEN
    if stance is Stance.GIVEN and _OFFER.match(behind):
        stance = Stance.OPEN
    if stance is Stance.OPEN and _BUT.search(behind):
        stance = Stance.ASIDE
    return Mention(key, stance, _is_plain(before, own, behind))


def _is_undone(behind: str) -> bool:
    """Whether what follows the last label says that the thinking goes on."""
    return _UNDONE.search(behind.replace("’", "'")) is not None


def _is_quoted(before: str, behind: str) -> bool:
    """Whether the label is one word of a longer quotation, and there is something beside that."""
    for opening, closing in _QUOTES:
        start = before.rfind(opening)
        is_open = before.count(opening) % 2 == 1 if opening == closing else before.rfind(closing) < start
        if start >= 0 and is_open:
            end = behind.find(closing) if closing in behind else len(behind)
            return _says(before[start:] + behind[:end]) and _says(before[:start] + behind[end:])
    return False


def _says(part: str) -> bool:
    return any(sign.isalnum() or sign == MARK for sign in part)


def _judge_alone(key: str, sentence: str, following: str) -> Mention:
    is_asked = sentence.rstrip("\"'*_) ").endswith("?")
    if is_taken_back(following):
        return Mention(key, Stance.DENIED)
    stance = Stance.OPEN if is_asked and not says_yes(following) else Stance.GIVEN
    return Mention(key, stance, is_plain=True, is_alone=True)


def _stance(before: str, own: str, behind: str) -> Stance:
    if is_denied(own, behind):
        return Stance.DENIED
    head = head_of(before)
    if head and not head[1].strip(" \"'*_`") and rank(head[0]) == NEVER:
        return Stance.OPEN
    clause = _JOINT.split(own)[-1] + MARK + _clause_behind(behind)
    if _REASON.search(before) and not _TOO.search(clause):
        return Stance.ASIDE
    if (
        _SAYS.search(before)
        or _IF.search(before)
        or _IF.search(behind)
        or any(one.search(clause) for one in (_HEDGED, _NEAR, _MENTIONED))
    ):
        return Stance.OPEN
    return Stance.GIVEN


def _clause_behind(behind: str) -> str:
    """Up to the next joint; a word or two behind it, at the end, belong to it: "..., perhaps"."""
    first, *rest = _JOINT.split(behind)
    is_tail = len(rest) == 1 and len(rest[0].split()) <= 2
    return first + (" " + rest[0] if is_tail else "")


def _is_plain(before: str, own: str, behind: str) -> bool:
    """Whether the label is stated: it begins its sentence, a statement leads to it, or a conclusion does."""
    is_first = not any(sign.isalnum() or sign == MARK for sign in before)
    return is_first or _CONCLUSION.search(before) is not None or _STATEMENT.match(own) is not None
