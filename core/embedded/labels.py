"""Which labels a request offers, and how its prompt describes them.

Names come from the JSON schema where there is one, else from the prompt. A description is what stands behind a name at
the start of a line: a bullet, number, quote, backtick, bold or table bar may precede the name; a colon, dash, equals
sign, table bar or bracket must follow it. Everything here is a pure function of strings.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

MAX_NAME_WORDS = 8

# Runs of blanks are bounded: what stands beside one may begin with blanks itself, and every cut would be tried.
BULLET = r"[ \t]{0,40}(?:[-*•+>|#]{1,40}[ \t]{1,40}|\(?\d{1,9}[.):][ \t]{0,40}|\([a-z]\)[ \t]{0,40}|[-•|])?[ \t]{0,40}+"
WRAP = r"{?[ \t]{0,40}+[`\"'“”‘’*_«»\[]*"
UNWRAP = r"{?[ \t]{0,40}[`\"'“”‘’*_«»\]]*"
SEPARATOR = r"[ \t]{0,40}(?::[*_`]*|[-–—]+(?=\s)|=>?|→|\||\()[ \t]*"

LIST_CUE = re.compile(
    r"\b(?:one of|either|labels?|categor(?:y|ies)|class(?:es)?|options|choices|intents|topics|tags)\b"
    r"[^.\n:]{0,60}:[ \t]*(?=\S)"
    r"|\b(?:one of|as either|either)(?: the following)?(?: \w+){0,2}?[ \t]+(?=\S)",
    re.IGNORECASE,
)
BLOCK_CUE = re.compile(r"\b(label|categor|class|option|choice|one of|intent|topic|tag|sentiment)", re.IGNORECASE)
BULLETED = re.compile(r"[ \t]*(?:[-*•+|][ \t]*|\(?\d+[.)][ \t]*|\([a-z]\)[ \t]*)(?=\S)")

PLAIN_LINE = re.compile(r"[^:\n]{1,200}?(?::[*_]*|[ \t][-–—])[ \t]+\S")
NAME_END = re.compile(r":|(?<![ \t])(?:[ \t]+[-–—]+[ \t]|[ \t]*=|[ \t]*\||[ \t]+\()")

# Names that by themselves say "nothing fits", descriptions that begin by saying so, and what prompts say about it.
FALLBACK_NAME = re.compile(
    r"^(unable|cannot|can t|none|no (label|category|class|match|answer)|not (applicable|sure|clear|classifiable)"
    r"|n a|unknown|unclear|uncertain|unsure|undecided|undetermined|unclassifi\w+|others?|misc|miscellaneous|null)\b"
)
FALLBACK_DESCRIPTION = re.compile(
    r"\W*+(?:use (?:this |it )?)?(?:only )?(?:when|if|for \w+ (?:that|where))?\s*+"
    r"(?:none of|nothing|no (?:other )?(?:label|category|class|option)|(?:the )?\w+ cannot"
    r"|(?:does|do)(?:n't| not) fit)",
    re.IGNORECASE,
)
FALLBACK_SENTENCE = re.compile(
    r"\b(none of|nothing|no (?:other )?(?:label|category|class|option|choice|one)|not? (?:\w+ ){0,2}fits?"
    r"|(?:does|do|can) ?n[o']t|cannot|unable|otherwise|unsure|not (?:sure|clear)|unclear|impossible|ambiguous)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Choice:
    """One label: `name` as it must be answered; `is_fallback` where it stands for "nothing fits"."""

    name: str
    description: str = ""
    is_fallback: bool = False

    @property
    def texts(self) -> tuple[str, ...]:
        """What is compared with the text to classify: the readable name, and the description where there is one."""
        return (readable(self.name), self.description) if self.description else (readable(self.name),)


def readable(name: str) -> str:
    """Words instead of an identifier: underscores, hyphens and camel case become spaces, letters lower case."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name.strip())
    return re.sub(r"[\s_\-/.]+", " ", spaced).strip().lower() or name


def describe(choices: Sequence[Choice], instructions: Iterable[str]) -> tuple[Choice, ...]:
    """The choices with what the instructions say about them; a description already given (by the schema) stays."""
    texts = list(instructions)
    found: dict[str, str] = {}
    for text in texts:
        for name, description in stated(text, [choice.name for choice in choices]).items():
            found.setdefault(name, description)
    described = [replace(c, description=c.description or found.get(c.name, "")) for c in choices]
    return tuple(replace(c, is_fallback=c.is_fallback or _is_fallback(c, texts)) for c in described)


def stated(text: str, names: Sequence[str]) -> dict[str, str]:
    """Name to description for every name that starts a line of `text` and is followed by a separator and words.

    Where the words are missing ("SPORTS:" or "## SPORTS" on a line of its own), the following lines count, up to the
    next blank line or label. The longest name wins a line; upper and lower case must match unless no line matches so.
    """
    if not names:
        return {}
    ordered = sorted(names, key=len, reverse=True)
    found = _stated(text, {name: name for name in ordered}, re.NOFLAG)
    if len(found) < len(names):
        folded = {name.casefold(): name for name in reversed(ordered)}
        found = _stated(text, folded, re.IGNORECASE) | found
    return found


def _stated(text: str, names: dict[str, str], flags: re.RegexFlag) -> dict[str, str]:
    keys = sorted(names, key=len, reverse=True)
    alternatives = "|".join(re.escape(key) for key in keys)
    line_of = re.compile(rf"({BULLET}){WRAP}({alternatives}){UNWRAP}(?:({SEPARATOR})(.*)|[ \t]*$)", flags)
    lines = text.splitlines()
    found: dict[str, str] = {}
    for number, line in enumerate(lines):
        match = line_of.match(line)
        if not match:
            continue
        lead, key, separator, rest = match.groups()
        name = names.get(key) or names[key.casefold()]
        words = _tidy(rest or "", separator or "")
        if not words and (separator or "#" in lead):
            words = _following(lines[number + 1 :], line_of)
        if words:
            found.setdefault(name, words)
    return found


def _tidy(rest: str, separator: str) -> str:
    words = rest.strip().rstrip("|,}").strip()
    if "(" in separator and words.endswith(")") and words.count("(") < words.count(")"):
        words = words[:-1]
    if len(words) > 1 and words[0] == words[-1] and words[0] in "\"'`":
        words = words[1:-1]
    return words.strip()


def _following(lines: list[str], label: re.Pattern[str]) -> str:
    taken: list[str] = []
    for line in lines:
        if not line.strip() or label.match(line):
            break
        taken.append(re.sub(rf"^{BULLET}", "", line).strip())
    return " ".join(taken)


def _is_fallback(choice: Choice, instructions: list[str]) -> bool:
    """Whether its name or description says "nothing fits", or a sentence of the prompt says so about it."""
    if FALLBACK_NAME.match(readable(choice.name)) or FALLBACK_DESCRIPTION.match(choice.description):
        return True
    if choice.description:
        return False
    name = re.compile(rf"(?<!\w){re.escape(choice.name)}(?!\w)")
    sentences = (s for text in instructions for s in re.split(r"(?<=[.!?;])\s+|\n+", text))
    return any(name.search(s) and FALLBACK_SENTENCE.search(name.sub("", s)) for s in sentences)


def listed(text: str) -> tuple[str, ...]:
    """The label names a prompt lists, best guess: a list of lines behind a cue, a list in a line, any list of lines.

    Empty where the text lists nothing that reads like labels; a single name is no list.
    """
    blocks = _blocks(text)
    cued = [names for cue, names in blocks if cue]
    inline = [names for names in map(_inline, LIST_CUE.finditer(text)) if names]
    candidates = cued + inline + [names for cue, names in blocks if not cue]
    return candidates[0] if candidates else ()


def _blocks(text: str) -> list[tuple[bool, tuple[str, ...]]]:
    """Runs of two or more lines that each name something, with whether a cue ("labels:") stands before them."""
    blocks: list[tuple[bool, tuple[str, ...]]] = []
    names: list[str] = []
    cue = before = ""
    for line in [*text.splitlines(), ""]:
        name = _name_of(line, plain=bool(BLOCK_CUE.search(cue if names else before)))
        if name:
            cue = cue if names else before
            names.append(name)
        elif line.strip() or not names or line == "":
            if len(names) > 1:
                blocks.append((bool(BLOCK_CUE.search(cue)), tuple(dict.fromkeys(names))))
            names = []
        before = line if line.strip() and not name else before
    return blocks


def _name_of(line: str, plain: bool) -> str:
    """The label a line names, or "". Without a bullet a line counts only behind a cue (`plain`), with a separator."""
    bullet = BULLETED.match(line)
    if not bullet and not (plain and PLAIN_LINE.match(line)):
        return ""
    rest = line[bullet.end() :] if bullet else line
    quoted = re.match(r"[*_]*([`\"“])(.+?)[`\"”]", rest) or re.match(r"(\*\*|__)(.+?):?\1", rest)
    name = quoted.group(2) if quoted else NAME_END.split(rest, maxsplit=1)[0]
    name = name.strip().strip("`\"'“”*").strip()
    is_sentence = name.endswith((".", "!", "?")) or len(name.split()) > MAX_NAME_WORDS or len(name) > 80
    return "" if is_sentence or not re.search(r"\w", name) else name


def _inline(cue: re.Match[str]) -> tuple[str, ...]:
    """The names in the rest of the line behind a cue: "one of: A, B or C", "labels: A / B / C"."""
    rest = cue.string[cue.end() :].split("\n", 1)[0]
    quoted = re.findall(r"[`\"“]([^`\"”]{1,200}+)[`\"”]", rest)
    if len(quoted) > 1:
        return tuple(dict.fromkeys(quoted))
    rest = re.split(r"[.;?!](?:\s|$)", rest, maxsplit=1)[0].strip(" ()[]{}<>")
    separator = next((s for s in (",", "|", "/", ";") if s in rest), None)
    parts = rest.split(separator) if separator else re.split(r"(?<!\s)\s+or\s+", rest)
    if separator == "," and re.search(r"(?<!\s)\s+or\s+", parts[-1]):
        parts[-1:] = re.split(r"(?<!\s)\s+or\s+", parts[-1])
    names = [re.sub(r"^(?:or|and)\s+", "", part.strip()).strip(" '\"`*()[]") for part in parts]
    names = [name for name in names if name]
    return tuple(dict.fromkeys(names)) if len(names) > 1 and all(len(n.split()) <= 5 for n in names) else ()
