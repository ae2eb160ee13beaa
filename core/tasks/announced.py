"""Whether an announced answer is something else than a label, though it mentions one: "TENNIS (closest: SPORTS)".

An answer says first what it gives: what stands behind a bracket, a comma or a full stop is about it. So the first part
counts that is neither a way to lead in ("Based on the text,") nor mere filling ("clearly").
"""

import re

from core.tasks.mentions import MARK

_ANSWER_WORDS = 5
_JOINT = re.compile(
    r"[()\[\],;:!?。\n]|\.(?=\W|$)|\s[-–—]+\s|[-=]>|→"
    r"|\b(?:because|since|due to|given|based on|as|rather than|instead of|and not|but|for|with|although|though|which"
    r"|from|so|in)\b"
)
_LEAD_IN = re.compile(
    r"\W*(?:it|this|that|these|i|we|there|they|he|she|sure|okay|ok|yes|no|well|hmm|after|considering|looking|according"
    r"|here|my|the (?:\w+ )?(?:text|article|item|message|post|review|tweet|passage|content|document|story|author"
    r"|sentence|email|topic|subject|focus))\b"
)
_FILLING = re.compile(
    r"(?:a|an|the|my|our|its|is|be|are|was|would|should|could|must|will|s|d|ll|re|clearly|most"
    r"|more|very|likely|probably|definitely|obviously|certainly|simply|just|best|better|only|really"
    r"|surely|indeed|undoubtedly|almost|perhaps|possibly|maybe|either|label|labels|category|class"
    r"|classification|answer|choice|option|topic|section|heading|correct|final|right|predicted|chosen"
    r"|selected|assigned|appropriate|fitting|suitable|one|of|to|under|into|about|on|here|text"
    r"|article|item|this|that|it|i|think|say|choose|pick|believe|described|classified|labeled"
    r"|labelled|categorized|categorised|tagged|filed|placed|belongs|belong|falls|fall|fits|fit|view"
    r"|opinion|judgement|judgment|confidence|confident|score|high|sure|percent|and|course|itself"
    r"|number|no|name|named|called|following|content|please|see|you|go|there|result|output|response"
    r"|prediction|conclusion|namely|\d+)"
)
_NEAR = re.compile(r"\b(?:closest|nearest|close|near|nearer|similar|related|akin|comparable|like|resembles?|next)\b")
_BRACKETED = re.compile(r"[^\n()\[\]]{1,80}[(\[][^\n()\[\]]{1,200}[)\]]\W{0,8}")


def is_bracketed(text: str) -> bool:
    """Whether a whole text is a few words and something in brackets: an answer announced by nothing."""
    return _BRACKETED.fullmatch(text) is not None


def is_foreign(marked: str) -> bool:
    """Whether an announced answer is no label; `marked` holds MARK where it names one, so that a label mentioned
    behind or elsewhere must not be taken instead."""
    for part in _JOINT.split(marked):
        words = re.findall(r"\w+", part)
        is_sentence = _LEAD_IN.match(part) is not None
        is_filling = all(_FILLING.fullmatch(word) for word in words)
        if MARK in part:
            return _NEAR.search(part) is not None if is_sentence else not is_filling and len(words) <= _ANSWER_WORDS
        if not is_sentence and not is_filling:
            return len(words) <= _ANSWER_WORDS
    return MARK not in marked and len(marked.split()) <= _ANSWER_WORDS
