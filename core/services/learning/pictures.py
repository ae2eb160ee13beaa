"""What is looked at of pictures and sound before they are uploaded: formats, sizes, colours, how many to a line."""

from collections import Counter
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path

from PIL import Image

from core.errors import WorkbenchError
from core.finetune import Check, Level
from core.finetune.facts import Facts
from core.media import MediaStore
from core.plural import bytes_in_words, count

MOST_BYTES = 10 * 2**20
MOST_A_LINE = 64
MOST_OF_A_FILE = 512 * 2**20
TAUGHT = ("png", "jpg", "webp")
"""What OpenAI and those who keep to its protocol teach from, in RGB or RGBA."""
_COLOURS = frozenset({"1", "L", "LA", "P", "RGB", "RGBA"})
_TITLE = "Pictures a host can learn from"


def media_checks(facts: Sequence[Facts], store: MediaStore | None) -> tuple[Check, ...]:
    """One line about all files that the examples show; none where they show none. `facts` are those of each file."""
    shown = {reference: item for one in facts for reference, item in one.shown.items()}
    if not shown or store is None:
        return ()
    wrong: dict[str, list[int]] = {}
    for reference, item in shown.items():
        if what := _wrong(reference, store.path):
            wrong.setdefault(what, []).append(item)
    most = max(one.most_shown for one in facts)
    if most > MOST_A_LINE:
        return (_blocker(f"A line shows {most} pictures; hosts take {MOST_A_LINE}.", "Name fewer in the prompt."),)
    if wrong:
        found = "; ".join(f"{what} {_named(items)}" for what, items in wrong.items())
        return (_blocker(f"{found}.", "Convert them to PNG or JPEG in RGB, or exclude these items."),)
    size = max(_written(one, store.path) for one in facts)
    if size > MOST_OF_A_FILE:
        text = f"The file would have {bytes_in_words(size)}; hosts take {bytes_in_words(MOST_OF_A_FILE)}."
        return (_blocker(text, "Make the pictures smaller, or teach fewer items."),)
    finding = f"{count(len(shown), 'file')}, {bytes_in_words(size)} as they are sent."
    return (Check(Level.OK, _TITLE, f"{finding} What is on a picture is not masked."),)


def _blocker(finding: str, todo: str) -> Check:
    return Check(Level.BLOCKER, _TITLE, finding, todo)


def _named(items: Sequence[int]) -> str:
    """Which items, the first few."""
    more = ", …" if len(items) > 5 else ""
    return f"{count(len(items), 'item')} ({', '.join(map(str, items[:5]))}{more})"


def _wrong(reference: str, path: Callable[[str], Path]) -> str:
    """What is wrong with a file, as words before the items that show it; "" where nothing is."""
    try:
        return _wrong_at(path(reference))
    except WorkbenchError:
        return "Missing files:"


@lru_cache(maxsize=100_000)
def _wrong_at(path: Path) -> str:
    """Files never change, so that each is looked at once."""
    extension = path.suffix.removeprefix(".")
    if extension not in TAUGHT:
        return f"{extension.upper()} files, which no host learns from:"
    if path.stat().st_size > MOST_BYTES:
        return f"Larger than {MOST_BYTES // 2**20} MB:"
    try:
        with Image.open(path) as image:
            if getattr(image, "n_frames", 1) > 1:
                return "Animated pictures:"
            return "" if image.mode in _COLOURS else f"Pictures in {image.mode} colours:"
    except Exception:  # what damaged files make of a decoder is of many kinds
        return "Damaged pictures:"


def _written(facts: Facts, path: Callable[[str], Path]) -> int:
    """Bytes of all pictures of a file, in base64."""
    sizes = Counter({reference: path(reference).stat().st_size for reference in facts.shown})
    return sum(-(-sizes[reference] // 3) * 4 * times for reference, times in facts.times.items())
