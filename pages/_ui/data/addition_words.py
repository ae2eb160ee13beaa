"""What adding a file comes to, in sentences."""

from core.model import Split
from core.services.data.bringing import Addition
from pages._ui.words.text import count, plain

_MOST = 8


def in_short(found: Addition) -> str:
    """How much of it is new, and what becomes of the rest; as Markdown."""
    parts = [f"**{count(found.new, 'new item')}**"]
    if found.known:
        joined = f"{found.joined:,} of them get annotations" if found.joined else "nothing new is said of them"
        differ = f", {found.differing:,} with another answer than before" if found.differing else ""
        parts.append(f"{found.known:,} already here: {joined}{differ}")
    return " · ".join(parts)


def details(found: Addition) -> list[str]:
    """Where new items go, and what to know before."""
    said = []
    if found.new and "" in found.splits:
        said.append("Nothing is split yet, so the new items are not either.")
    elif found.new:
        dealt = ", ".join(f"{found.splits.get(split, 0):,} to {split}" for split in Split)
        said.append(f"New items go {dealt}, each by its own content. No item that is here moves.")
    if found.near:
        one = found.near == 1
        said.append(
            f"{count(found.near, 'new item')} {'is' if one else 'are'} nearly the same as one here and "
            f"{'goes' if one else 'go'} into its split."
        )
    if found.between:
        said.append(
            f"{count(found.between, 'new item')} of these {'is' if found.between == 1 else 'are'} near items in "
            "different splits, and so not used for training."
        )
    if coming := found.splits.get(Split.TEST, 0):
        looked = f" Test was looked at {count(found.looks, 'time')}: that was without these." if found.looks else ""
        said.append(f"Test grows from {found.test:,} to {count(found.test + coming, 'item')}.{looked}")
    if found.differing:
        said.append("The newest answer counts; earlier ones stay in the history.")
    if found.same_ids:
        said.append(f"{count(found.same_ids, 'new item')} with the id of another text here: added as new.")
    if found.missing:
        said.append(f"Not in the file, so empty in new items: {_named(found.missing)}.")
    if found.left_over:
        said.append(f"Left out, since the project has no such field: {_named(found.left_over)}.")
    return said


def _named(names: tuple[str, ...]) -> str:
    return ", ".join(plain(name) for name in names[:_MOST]) + (" …" if len(names) > _MOST else "")
