"""What a model thought aloud is no answer: it is taken out, whether it was closed or not, however it is marked.

Models and servers mark thoughts in many ways: tags of many names, channels, sentences. One pass finds the marks, each
by a pattern of bounded length, so that no answer takes longer than its length.
"""

import re
from collections.abc import Iterator

_THOUGHT = (
    r"(?:(?:inner|internal|hidden|chain|of|step|model|assistant)[_ -]?){0,3}"
    r"(?:think(?:ing)?|thoughts?|reason(?:s|ing)?|scratch[_ -]?pad|reflect(?:ion|ing)?|monologue|cot|analysis|rationale"
    r"|explanation|justification|deliberat(?:ion|e)|plan(?:ning)?|思考)"
    r"(?:[_ -](?:process|content|block|steps?|log))?"
    r"|[a-z0-9_.:▁-]{0,24}?(?:think|thought|reasoning|scratchpad|monologue)[a-z0-9_.:▁-]{0,16}"
)
_MARK = re.compile(
    r"(?:<|&lt;)[|｜ ]?(?P<shut>/ ?|end[_▁](?:of[_▁])?)?(?P<begin>begin[_▁](?:of[_▁])?|start[_▁](?:of[_▁])?)?"
    r"(?:[a-z]{1,12}:)?"
    rf"(?P<tag>{_THOUGHT}|details)(?:\s[^<>]{{0,120}})?[|｜ ]?(?:>|&gt;)"
    r"|(?P<cut><(?:think(?:ing)?|thoughts?|reasoning)\b[^<>]*\Z|\[think(?:ing)?\b[^\[\]]*\Z)"
    r"|(?P<unused><unused94>(?:\s{0,3}thought\b)?)|(?P<unused_end><unused95>)"
    r"|(?P<inner><\|inner_prefix\|>)|(?P<inner_end><\|inner_suffix\|>)"
    r"|\[(?P<shut2>/)?(?P<bracket>think(?:ing)?|thoughts?|reasoning|scratchpad|reflection)\]"
    r"|(?P<turn><\|im_start\|>\s{0,3}(?:think|thought|reasoning|analysis)\b)|(?P<turn_end><\|im_end\|>)"
    r"|◁(?P<shut3>/)?(?P<triangle>think(?:ing)?)▷"
    r"|(?P<fence>```(?:think(?:ing)?|thoughts?|reasoning)\b)|(?P<fence_end>```)"
    r"|(?P<pipe><\|channel>\s{0,3}thought\b)|(?P<pipe_end><channel\|>)"
    r"|(?P<sentence>\bhere(?:['’]s| is| are) my (?:thoughts?(?: process)?|thinking(?: process)?|reasoning)\s?:)"
    r"|(?P<answer>\bhere(?:['’]s| is) my (?:final )?(?:response|answer)\s?:"
    r"|<\|(?:begin_of_(?:solution|answer|response)|start_(?:response|answer))\|>|\[begin final response\]"
    r"|\[(?:final )?answer\])",
    re.IGNORECASE,
)
_BEGIN = re.compile(r"[<&\[◁`]|\b[hH](?=[eE][rR][eE])")
_WIDE = str.maketrans("＜＞｜", "<>|")
_CHANNEL = re.compile(r"<\|channel\|>", re.IGNORECASE)
_CHANNEL_END = re.compile(r"<\|(?:end|return|call|start|channel)\|>", re.IGNORECASE)
_MESSAGE = re.compile(r"<\|message\|>", re.IGNORECASE)
_START = re.compile(r"<\|start\|>", re.IGNORECASE)
_BARE_CHANNEL = re.compile(r"(?:analysis|commentary|final)\b[^<\n]{0,60}<\|message\|>", re.IGNORECASE)
_LOST_FINAL = re.compile(r"assistant\s{0,3}final(?![a-z])")
_LOST_CHANNEL = re.compile(
    r"(?:analysis|commentary)(?:\s{0,3}(?=[^\sa-z:,.;])|\s{0,3}\n|(?=[a-z]))|(?:Analysis|Commentary)(?=[A-Za-z])"
)
_LOST_THOUGHT = re.compile(r"(?:think|thinking ?(?:\.{3}|…))[ \t]*\n", re.IGNORECASE)
_LOST_END = re.compile(r"(?:\.{3}|…)?[ \t]{0,3}\bdone thinking\b\.?", re.IGNORECASE)
_TURN_END = re.compile(r"<\|(?:im_end|eot_id|endoftext|end_of_text|eom_id|end|return)\|>|</s>|<end_of_turn>|<\|user\|>")
_TOKEN = re.compile(r"<\|[\w ]{1,40}\|>|\[end final response\]", re.IGNORECASE)


def without_thoughts(text: str) -> str:
    """What is left to be the answer, stripped; "" where all of it is thought.

    A thought that never ends takes all that follows with it; an end without a beginning takes all before it. What a
    model wrote on, past the end of its turn, is no answer either.
    """
    text = _final_channel(narrowed(text))
    text = _untagged(_without_lost_mark(text)).lstrip()
    if (end := _TURN_END.search(text, 1)) is not None:
        text = text[: end.start()]
    return _TOKEN.sub(" ", text).strip()


def narrowed(text: str) -> str:
    """The text as marks are looked for in it, sign by sign: wide brackets are brackets."""
    return text.translate(_WIDE)


def _final_channel(text: str) -> str:
    """Of Harmony's channels only the final one speaks to the user; also where a server lost their marks."""
    if _BARE_CHANNEL.match(text):
        text = "<|channel|>" + text
    before, *parts = _CHANNEL.split(text)
    if parts:
        finals = [_MESSAGE.split(part, 1)[1:] for part in parts if part.lstrip()[:5].lower() == "final"]
        kept = [_CHANNEL_END.split(part, 1)[0] for said in finals for part in said]
        return "\n".join([_START.split(before, 1)[0], *kept]).strip()
    is_lost = _LOST_CHANNEL.match(text) is not None
    ends = list(_LOST_FINAL.finditer(text)) if is_lost or "assistantfinal" in text else []
    if ends:
        return text[ends[-1].end() :]
    return "" if is_lost else text


def _without_lost_mark(text: str) -> str:
    """Where a server lost the marks of a thought and left its heading: what follows its end, if that is said."""
    if _LOST_THOUGHT.match(text) is None:
        return text
    ends = list(_LOST_END.finditer(text))
    return text[ends[-1].end() :] if ends else ""


def _untagged(text: str) -> str:
    """Without what stands between marks. Marks within a thought count, so that it ends with its own end only."""
    kept: list[str] = []
    inside: list[str] = []
    position = 0
    for mark in _marks(text):
        name, is_end = _read(mark)
        if name in ("fence", "turn") and is_end and name not in inside:
            continue  # the end of something else
        if not is_end:
            if not inside:
                kept.append(text[position : mark.start()])
            if inside[-1:] != [name] or text[position : mark.start()].strip():
                inside.append(name)
            position = mark.end()
            continue
        if name == "" or not inside:
            kept.clear()
            inside.clear()
        elif name in inside:
            while inside.pop() != name:
                pass
        position = mark.end()
    if not inside:
        kept.append(text[position:])
    return "".join(kept)


def _marks(text: str) -> Iterator[re.Match[str]]:
    """Every mark; only where one can begin is a whole one looked for, which is many times faster in a long text."""
    position = 0
    while (start := _BEGIN.search(text, position)) is not None:
        found = _MARK.match(text, start.start())
        position = found.end() if found else start.end()
        if found:
            yield found


def _read(mark: re.Match[str]) -> tuple[str, bool]:
    """The family of a mark, and whether it ends a thought; the family "" begins the answer."""
    found = mark.groupdict()
    if found["answer"]:
        return "", True
    if found["fence"] or found["fence_end"]:
        return "fence", bool(found["fence_end"])
    for family in ("pipe", "unused", "inner", "turn"):
        if found[family] or found[f"{family}_end"]:
            return family, bool(found[f"{family}_end"])
    if found["sentence"] or found["cut"]:
        return "sentence", False
    word = (found["tag"] or found["bracket"] or found["triangle"]).lower()
    family = "think" if "think" in word or "thought" in word else "reason" if "reason" in word else word
    return family, bool(found["shut"] or found["shut2"] or found["shut3"])
