"""Whether a running text denies the one label it names: "SPORTS does not fit", "I cannot say that this is SPORTS".

What is looked at is the sentence that names the label last. In doubt it denies, since a label that was not given is
worse than one that is asked for again; but what is said of anything else ("SPORTS, since no minister appears", "SPORTS,
not a general item") denies nothing.
"""

import re

from core.spelling import fold

MARK = "\x00"
"""Stands where a text names the label, so that words of its name are no words of the sentence."""

_END = re.compile(r"(?<!\be\.g\.)(?<!\bi\.e\.)(?<!\bvs\.)(?<=[.!?;。！？])[\"'”’*_)]{0,4}\s+|\n")
_GOES_ON = re.compile(
    r"\b(?:about|is|be|as|that|to|of|the|an?|in|for|with|on|not|call(?:ed)?|label|category|class"
    r"|n['’]t)[ \t]*\n(?=[^\n])",
    re.IGNORECASE,
)
_IDIOMS = re.compile(
    r"\b(?:no doubts?|without (?:a |any )?(?:doubt|question)|beyond (?:a |any )?(?:\w+ )?doubt|none other than"
    r"|nothing (?:other than|but|else)|no (?:other|further|need|problem)\b|no question|not? only\b(?= the)"
    r"|if i(?:'m| am) not (?:wrong|mistaken)|not (?:a )?surpris\w+|can(?:'t|not) be (?:anything|other)"
    r"|(?:does not|doesn't|do not|don't|not) (?:\w+ )?(?:fit|match|belong)(?: in| to| into)? (?:any|one)\b"
    r"|(?:no|none)(?: of)?(?: the)?(?: \w+)? (?:labels?|categor(?:y|ies)|class(?:es)?|options?|topics?)"
    r" (?:fits?|match\w*|appl\w+))"
    r"|^\W*no,"
)
_CONCEDED = re.compile(
    r"^\W*(?:although|though|while|whereas|even (?:if|though)|since|because|as|given|despite)\b[^,]*,"
)
_CONCLUDED = re.compile(
    r"(?<!anything )\bbut\b|[,:]\s?(?:and )?(?:so|hence|thus|therefore|still|yet|nevertheless|instead(?! of))\b|[-=]>|→"
)
_DENIED = (
    r"\bnot\b|n't\b|\b(?:no|nope|never|nothing|none|neither|nor|cannot|unlikely|improbable|implausible|hardly|barely"
    r"|scarcely|wrong(?:ly)?|incorrect(?:ly)?|inaccurate|inappropriate|unsuitable|inapplicable|invalid|unrelated"
    r"|irrelevant|false(?:ly)?|fail(?:s|ed|ing)?|lack(?:s|ed|ing)?|doubt(?:s|ful|ed)?|mismatch|mistaken?(?:ly)?"
    r"|questionable|rul(?:es?|ed|ing) (?:it )?out|exclud(?:es?|ed|ing)|reject(?:s|ed|ing)?|dismiss(?:es|ed|ing)?"
    r"|discard(?:s|ed|ing)?|eliminat(?:es?|ed|ing)|far[ -](?:from|fetched)|anything but|out of the question"
    r"|nowhere|a stretch|(?:is|are|seems) (?:missing|absent))\b"
)
_BEHIND = re.compile(_DENIED)
_BEFORE = re.compile(
    _DENIED + r"|\b(?:without|except|instead of|(?:rather|other) than|absence of|absent|refuse|deny|denies|opposite of"
    r"|contrary to|free of)\b"
)
_OF_ELSE = re.compile(
    r"\b(?:because|since|due to|given|rather than|instead of|without|with (?:no|little))\b"
    r"|\b(?:as|(?:even |al)?though|while|whereas|even if|so)\s(?:it|its|the|this|that|there|they|he|she|no|none|an?"
    r"|some|i|we|all|both)\b"
    r"|(?:,|\(|\band|[-–—])\s?not\s(?!(?:really|quite|sure|at all|convinc\w+|certain|applicable|fitting|right|correct"
    r"|likely|suitable|appropriate|matching|relevant|mentioned|present|it|so|that|this|here|ok|okay|possible|good"
    r"|a (?:good|perfect|real|great|clear))\b)"
    r"|^\W*(?:story|article|text|report|news|item|piece|headline)\s(?:about|that|on|in|of|from|which|where|describing"
    r"|reporting|covering)\b"
)
_VERDICT = re.compile(
    r"(?:\bnot|n't|\bcannot|\bnever|\bhardly)\s(?:\w+\s){0,2}?(?:fit|fits|fitting|match|matches|matching|appl(?:y|ies)"
    r"|applicable|suit|suits|suitable|work|works|right|correct|accurate|appropriate|likely|belong|it|so|hold|qualify"
    r"|(?:the|a|this) (?:\w+ )?(?:label|category|class|answer|fit|match|choice|topic))\b"
    r"|\b(?:is|was|be|seems|looks|'s|totally|completely) (?:\w+ )?(?:wrong|incorrect|unlikely|inaccurate|false"
    r"|a mistake|unsuitable|inappropriate|irrelevant|ruled out|excluded|rejected|out of the question)\b"
)
_NO = re.compile(
    r"^\W*(?:(?:but|well|hmm|wait|actually|and)\W+)*(?:(?:no|nope|not|wrong|incorrect|unlikely|never|false|hardly|rejected"
    r"|excluded)(?=\W*$|,)|no (?:wait|way|match|fit)\b|not (?:really|quite|at all|exactly|likely|so|it|right|correct"
    r"|fitting|applicable|possible|a (?:fit|match))\b|definitely not\b|of course not\b|certainly not\b)"
)
_EXPLAINED = re.compile(r"^[\s\"'*_`”’]*(?::|[-–—](?=\s)|\((?P<inner>[^()]*)\))")
_YES = re.compile(r"^\W*(?:yes|yeah|yep|correct|right|indeed|certainly|definitely(?! not)|exactly)\b")
_SHORT = 6


def sentences(text: str) -> list[str]:
    """The sentences of a text; a line break ends one, except behind a word that calls for more."""
    joined = _GOES_ON.sub(lambda found: found.group().rstrip() + " ", text)
    return [part.strip() for part in _END.split(joined) if part.strip()]


def says_no(name: str) -> bool:
    """Whether a label's own name denies ("no", "not spam"), so that its sentences cannot be judged by such words."""
    return _BEHIND.search(_plain(name)) is not None


def is_denied(marked: list[str]) -> bool:
    """Whether sentences that hold MARK where they name a label deny it.

    A sentence that is nothing but the label gives it, whatever the others say. Otherwise the last that names it
    decides. One that asks gives nothing, unless the next says yes; where the next says no, nothing is given either.
    """
    plain = [_plain(sentence) for sentence in marked]
    places = [place for place, sentence in enumerate(plain) if MARK in sentence]
    alone = [place for place in places if not any(sign.isalnum() for sign in plain[place])]
    if any(not _is_taken_back(plain, place) for place in alone):
        return False
    return bool(places) and (_is_taken_back(plain, places[-1]) or _denies(plain[places[-1]]))


def _plain(text: str) -> str:
    return fold(text).replace("’", "'")


def _is_taken_back(plain: list[str], place: int) -> bool:
    """Whether the sentence only asks, or the one behind it says no."""
    behind = plain[place + 1] if place + 1 < len(plain) else ""
    is_asked = plain[place].rstrip("\"'”’*_) ").endswith("?")
    if is_asked:
        return _YES.match(behind) is None
    is_of_it = MARK not in behind and len(behind.split()) <= _SHORT
    return is_of_it and (_NO.match(behind) is not None or _VERDICT.search(behind) is not None)


def _denies(sentence: str) -> bool:
    """Whether one sentence denies the label it names, before its name or behind it."""
    before, _, behind = _IDIOMS.sub(" ", sentence).rpartition(MARK)
    before = _CONCLUDED.split(_CONCEDED.sub("", before))[-1]
    return _BEFORE.search(before) is not None or _denies_behind(behind)


def _denies_behind(behind: str) -> bool:
    """What follows a colon, a dash or in brackets explains: it denies only where it is itself a verdict."""
    if (joint := _EXPLAINED.match(behind)) is None:
        return _BEHIND.search(_OF_ELSE.split(behind)[0]) is not None
    rest = behind[joint.end() :]
    if joint["inner"] is None:
        return _is_verdict(rest) or rest.lstrip().startswith(("not ", "no "))
    own = _OF_ELSE.split(rest)[0]
    return _is_verdict(joint["inner"]) or (_is_verdict(rest) if _EXPLAINED.match(rest) else bool(_BEHIND.search(own)))


def _is_verdict(said: str) -> bool:
    is_short = len(said.split()) <= _SHORT and re.match(r"\W*not\s", said) is None
    own = _OF_ELSE.split(said)[0]
    return _NO.match(said) is not None or _VERDICT.search(own) is not None or (is_short and bool(_BEHIND.search(own)))
