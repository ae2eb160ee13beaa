"""The keys of the review screen, written down once: what they do, how they are shown, what the table says of them."""

from collections.abc import Collection
from dataclasses import dataclass, replace

from core.model import REVIEW_KEYS, FieldShow


@dataclass(frozen=True)
class Command:
    """`key` as the browser names it; `word` stands beside `glyph` under the labels; `help` are lines of the table.

    An `optional` one is there where the widget asks for it. One without a `key` is the widget's own.
    """

    act: str
    key: str
    glyph: str = ""
    word: str = ""
    help: tuple[tuple[str, str], ...] = ()
    optional: bool = False


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
    replace(_letter("find", "find", "find a label by typing"), optional=True),
    _letter("guidelines", "guidelines", "guidelines"),
    _letter("keys", "keys", "show these keys"),
)
_QUESTIONS = Command("question", "", "Tab", "next question", (("Tab", "next question; with Shift, the one before"),))
COMMAND_KEYS = "".join(REVIEW_KEYS.values())

_COMPLETE = Command(
    "accept",
    "Enter",
    "Enter",
    "accept",
    (
        ("Enter", "complete what you have put together and continue; before that, keep yours or accept the suggestion"),
        ("", "what is left halfway is stored when you go on, or after a second"),
        ("Ctrl Enter", "the same, also while typing a note"),
    ),
)
_NOTHING = Command("nothing", "-", "-", "none", (("-", "none of them; Enter completes"),), optional=True)
_UNDO = _letter("undo", "undo", "undo the last step, then the last item; with Shift, redo")

_MARKS = (
    Command("back", ",", ",", "back", ((", .", "back, and skip: the arrows move the cursor"),)),
    Command("skip", ".", ".", "skip"),
    Command(
        "next",
        "",
        "Alt ↓",
        "next mark",
        (
            ("← → ↑ ↓", "move the cursor; with Ctrl or Alt by word"),
            ("Shift ←", "choose text, or move the end of the mark looked at (an arrow alone picks which end)"),
            ("1 2 …", "mark what is chosen; relabel the mark looked at; else choose the label of the next mark"),
            ("Alt ↓", "next mark, anybody's; Alt ↑ the one before"),
        ),
        optional=True,
    ),
    Command(
        "take",
        "",
        "Space",
        "take mark",
        (
            ("Space", "make the other's mark looked at yours; with Shift, all marks of that annotator"),
            ("", "by mouse: drag or double click; whole words are taken, and U undoes that"),
        ),
        optional=True,
    ),
    Command(
        "remove", "", "Del", "remove mark", (("Del", "remove your mark; Esc lets go of all that is chosen"),), True
    ),
)

_PAIR = (
    Command(
        "back", ",", ",", "back", ((", .", "back, and skip"), ("← →", "the left one, or the right one, is better"))
    ),
    Command("skip", ".", ".", "skip"),
)

_TEXT = (
    replace(
        _COMPLETE,
        help=(
            ("Enter", "keep your text, or accept the one all shown annotators agree on, and continue"),
            ("Ctrl Enter", "complete what you write and continue, also while typing"),
            ("", "until then it is a draft, kept in this browser"),
        ),
    ),
    Command("keep", "", "K", "keep it", (("K", "keep the text it is held against as it is, and continue"),), True),
    Command(
        "write",
        "",
        "W",
        "write",
        (
            ("W", "write, or correct that text; Esc leaves the field"),
            ("1 2 …", "hold it against that annotator's text: the words that were changed are marked"),
        ),
        optional=True,
    ),
    Command("nothing", "-", "-", "empty", (("-", "no text at all; Enter completes"),), optional=True),
    _letter("undo", "undo", "undo what is being written, then the last item; with Shift, redo"),
)

_RANK = (
    Command("back", ",", ",", "back", ((", .", "back, and skip: the arrows move a candidate"),)),
    Command("skip", ".", ".", "skip"),
    Command(
        "tie",
        "",
        "=",
        "tie",
        (
            ("1 2 …", "put that candidate next; with Shift, tie it with the one before"),
            ("=", "tie the last one you put with the one before, or untie it"),
            ("← →", "move it by half a place: shared with the neighbour, then beyond"),
            ("", "by mouse: drag a number onto a place to tie, between places for one of its own"),
        ),
        optional=True,
    ),
    Command("unrank", "", "⌫", "take back", (("Backspace", "take the last one back"),), optional=True),
)

_MEDIA: dict[FieldShow, Command] = {
    FieldShow.PICTURE: Command(
        "zoom",
        "",
        "< >",
        "zoom",
        (
            ("< >", "picture: zoom out, or in; Shift with arrows moves it while it is zoomed; several go together"),
            ("", "by mouse: wheel, drag; a double click zooms in or back"),
        ),
    ),
    FieldShow.SOUND: Command(
        "play",
        "",
        "Space",
        "play",
        (("Space", "play or pause, with Shift the next of several; < and > go 3 seconds back or on"),),
    ),
}
_MEDIA[FieldShow.FILM] = _MEDIA[FieldShow.SOUND]

_OF_WIDGETS: dict[str, tuple[Command, ...]] = {
    "choices": (_COMPLETE, _NOTHING, _UNDO),
    "pair": _PAIR,
    "rank": (_COMPLETE, _UNDO, *_RANK),
    "spans": (_COMPLETE, _NOTHING, _UNDO, *_MARKS),
    "text": _TEXT,
}


def commands_of(widget: str, shows: Collection[FieldShow] = (), *, several: bool = False) -> tuple[Command, ...]:
    """The commands while this widget is shown: where it has one of its own, that one in the place of the common; those
    that lead from question to question, where `several` are asked; and those of what items are shown as."""
    own = {command.act: command for command in _OF_WIDGETS.get(widget, ())}
    common = [own.pop(command.act, command) for command in COMMANDS]
    media = dict.fromkeys(command for show, command in _MEDIA.items() if show in shows)
    return (common[0], *((_QUESTIONS,) if several else ()), *own.values(), *common[1:], *media)
