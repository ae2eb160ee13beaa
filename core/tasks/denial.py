"""Whether a sentence denies a label that it names: "SPORTS does not fit", "I cannot say that this is SPORTS".

In doubt it denies, since a label that was not given is worse than one that is asked for again; but what is said of
anything else ("SPORTS, since no minister appears", "No team is named, this is SPORTS") denies nothing.
"""

import re

from core.spelling import fold
from core.tasks.mentions import MARK

_IDIOMS = re.compile(
    r"\b(?:no doubts?|without (?:a |any )?(?:doubt|question)|beyond (?:a |any )?(?:\w+ )?doubt|none other than"
    r"|nothing (?:other than|but|else)|no other\b|no (?:further|need|problem)\b|no question|not?(?: the)? only\b"
    r"|if i(?:'m| am) not (?:wrong|mistaken)|not (?:a )?surpris\w+|can(?:'t|not) be (?:anything|other)"
    r"|(?:does not|doesn't|do not|don't|not) (?:\w+ )?(?:fit|match|belong)(?: in| to| into)? (?:any|one)\b"
    r"|(?:no|none)(?: of)?(?: the)?(?: \w+)? (?:labels?|categor(?:y|ies)|class(?:es)?|options?|topics?)"
    r" (?:fits?|match\w*|appl\w+))"
    r"|^\W*no,|(?:\bnot|n't)(?: the)? only\b|(?:\bnot|n't) (?:\w+ )?any other\b|\[x\]"
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
    r"|nowhere|a stretch|(?:is|are|seems) (?:missing|absent)"
    # the same in other languages
    r"|nicht|kein(?:e[nmrs]?)?|weder|pas|aucune?|ni|nunca|ning[uú]n\w*|não|nem|né|nessun[oa]?|не|ни|нет|niet|geen|inte"
    r"|ikke|değil|yok)\b|[❌✗✘☐🚫]|\[ \]|不是|并非|没有"
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
    r"|excluded)(?=[^\w\x00]*$|,)|no (?:wait|way|match|fit)\b|not (?:really|quite|at all|exactly|likely|so|it|right"
    r"|correct|fitting|applicable|possible|a (?:fit|match))\b|definitely not\b|of course not\b|certainly not\b"
    r"|(?:it|this|that) (?:is|was|does|did)(?:n't| not)\W*$)"
)
_EXPLAINED = re.compile(
    r"^[\s\"'*_`”’]*(?::|[-–—](?=\s)|,(?=\s(?:it|this|there|the|no|i|we|he|she|they|an?)\b)|\((?P<inner>[^()]*)\))"
)
_YES = re.compile(r"^\W*(?:yes|yeah|yep|correct|right|indeed|certainly|definitely(?! not)|exactly)\b")
_NOUGHT = re.compile(r"^[\s\"'*_`”’)\]]*[:=(,\-–—]?\s?(?:0(?:[.,]0+)?\s?%?|false)[\s)\].;,]*$")
_NOUGHT_OF = re.compile(r"(?:^|[\s(])0(?:[.,]0+)?\s?%\s(?:of\s)?$")
_STRUCK = re.compile(r"(?:^|[\s(])[!¬≠~]\s?[\"'“‘*`]{0,3}$")
_SHORT = 6
_OF_OTHER = re.compile(r"(?:\b(?:not|no|nicht|kein\w*|pas|non|niet|geen)|n't)\s(?:\w+\s){0,2}\x00")
_BESIDE = re.compile(
    r"(?:\bnot|\bnever|n't|\bneither|\bnor|\bno|\bcannot|\bwithout|\bhardly|\bexcept(?: for)?|\brather than"
    r"|(?<!\bnone )(?<!\bnothing )\bother than|\binstead of|\brul(?:es?|ed|ing) out|\bexclud(?:es?|ed|ing))\s"
    r"(?:(?:a|an|the|about|in|really|be|exactly|clearly|necessarily|purely|just|only|quite|fit|match|under|as|to|of|for"
    r"|belong|related|classified|label|category|class)\s){0,4}[\"'“‘*`]{0,3}$"
)
_OWN_CLAUSE = re.compile(
    r"(?:^|[,;:.]|\s[-–—]\s|\b(?:and|however)\s)\W{0,4}(?:(?:and|so|then|thus|hence|therefore|still|instead|rather)\W{1,4}){0,3}"
    r"(?=(?:(?:it|this|that|these|there|the (?:\w+ ){1,3}|my (?:\w+ ){1,3})\s?(?:'s|'d|is|was|are|would|should|must"
    r"|falls?|belongs?|fits?)\b|(?:i|we)(?:'d|'ll|'m|\s)\s?\w))(?!that (?:it|this|the|there|these|they|he|she|i|we)\b)"
)
_NOT_SAID = re.compile(
    r"(?:\bnot|n't|\bcannot|\bnever|\bdoubt)\s(?:\w+ ){0,2}?(?:think|believe|say|see (?:how|why|that)|find|feel|claim"
    r"|agree|mean|suppose|assume|convinced|certain|sure|clear|call)\b"
)


def says_no(name: str) -> bool:
    """Whether a label's own name denies ("no", "not spam"), so that its sentences cannot be judged by such words."""
    return _BEHIND.search(_plain(name)) is not None


def own_clause(before: str) -> str:
    """Of what stands before a label in its sentence, that which speaks of it.

    What is conceded or given as a reason is not, nor what stands before a conclusion or a statement of its own: "No
    team is named, this is ...". But what is not thought or not said is said of what follows, however far.
    """
    before = _CONCLUDED.split(_CONCEDED.sub("", before))[-1]
    starts = [found.end() for found in _OWN_CLAUSE.finditer(before)]
    return before[starts[-1] :] if starts and _NOT_SAID.search(before) is None else before


def without_idioms(sentence: str) -> str:
    """A sentence without turns whose words seem to deny: "no doubt", "none other than"."""
    return _IDIOMS.sub(" ", sentence)


def is_denied(before: str, behind: str) -> bool:
    """Whether what stands before a label in its sentence (`own_clause`), or behind it, denies it."""
    if _NOUGHT.match(behind) or _NOUGHT_OF.search(before) or is_struck(before):
        return True
    return bool(_BESIDE.search(before) or _BEFORE.search(before)) or _denies_behind(behind)


def is_struck(before: str) -> bool:
    """Whether a sign for "not" stands right before a label."""
    return _STRUCK.search(before) is not None


def is_taken_back(following: str) -> bool:
    """Whether the sentence behind the one that names a label says that it is not."""
    is_of_it = MARK not in following and len(following.split()) <= _SHORT
    return is_of_it and (_NO.match(following) is not None or _VERDICT.search(following) is not None)


def says_yes(following: str) -> bool:
    return _YES.match(following) is not None


def _plain(text: str) -> str:
    return fold(text).replace("’", "'")


def _denies_behind(behind: str) -> bool:
    """What follows a colon, a dash or in brackets, or is a sentence of its own, explains: it denies only where it is
    itself a verdict. What is said of another label is not said of this one."""
    behind = _OF_OTHER.sub(MARK, behind)
    if (joint := _EXPLAINED.match(behind)) is None:
        return _BEHIND.search(_OF_ELSE.split(behind)[0]) is not None
    rest = behind[joint.end() :]
    if joint["inner"] is None:
        return _is_verdict(rest) or rest.lstrip().startswith("not ")
    own = _OF_ELSE.split(rest)[0]
    return _is_verdict(joint["inner"]) or (_is_verdict(rest) if _EXPLAINED.match(rest) else bool(_BEHIND.search(own)))


def _is_verdict(said: str) -> bool:
    is_short = len(said.split()) <= 2 and re.match(r"\W*not\s", said) is None
    own = _OF_ELSE.split(said)[0]
    return _NO.match(said) is not None or _VERDICT.search(own) is not None or (is_short and bool(_BEHIND.search(own)))
