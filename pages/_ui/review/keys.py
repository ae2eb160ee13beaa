"""The keys of the review screen, written down once: what they do, how they are shown, what the table says of them."""

from dataclasses import dataclass

from core.model import REVIEW_KEYS


@dataclass(frozen=True)
class Command:
    """`key` as the browser names it; `word` stands beside `glyph` under the labels; `help` are lines of the table."""

    act: str
    key: str
    glyph: str = ""
    word: str = ""
    help: tuple[tuple[str, str], ...] = ()


def _letter(act: str, word: str, help: str) -> Command:
    key = REVIEW_KEYS[act]
    return Command(act, key, key.upper(), word, ((key.upper(), help),))


COMMANDS = (
    Command(
        "accept",
        "Enter",
        "Enter",
        "accept",
        (
            ("Enter", "keep your label, or accept the one all shown annotators agree on, and continue"),
            (
                "",
                "where they differ: choose; only where nobody but models has labelled, and the queue is not about "
                "their errors, the most confident model's label is accepted",
            ),
            ("Ctrl Enter", "the same, also while typing a note"),
        ),
    ),
    Command("back", "ArrowLeft", "←", "back", (("←", "back"),)),
    Command("skip", "ArrowRight", "→", "skip", (("→", "skip"),)),
    _letter("undo", "undo", "undo; with Shift, redo"),
    _letter("blind", "blind", "hide or show what the others say"),
    _letter("flag", "flag", "flag this item"),
    _letter("note", "note", "write a note; Enter or Esc returns"),
    _letter("find", "find", "find a label by typing"),
    _letter("guidelines", "guidelines", "guidelines"),
    _letter("keys", "keys", "show these keys"),
)
COMMAND_KEYS = "".join(REVIEW_KEYS.values())
