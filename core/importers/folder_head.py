"""What a Hugging Face data set says of itself, in a folder or on the hub: the head of its README.md, or
.huggingface.yaml. The library asks whatever is named there, other servers and files of this machine alike."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path, PurePosixPath
from typing import Any

from core.errors import WorkbenchError

ELSEWHERE = ("://", "::")
_ON_THE_HUB = "hf://"
NAMES = ("README.md", ".huggingface.yaml")
_LONGEST = 5_000_000
_MOST_VALUES = 100_000
_DEEPEST = 100


def refuse_elsewhere(folder: Path) -> None:
    """Looks through what the folder says of itself before the library does, for that asks whatever is named there.

    Raises WorkbenchError where it names data that is not in the folder, and where it is too long to be looked through.
    """
    if any(sign in str(folder) for sign in ELSEWHERE):
        raise refusal(folder, str(folder))
    for name in NAMES:
        if (folder / name).is_file() and (named := _outside(folder / name, f"the folder {folder.name}")):
            raise refusal(folder, named[0])


def refuse_elsewhere_of_hub(path: Path, name: str) -> None:
    """The same for the file `path` in which data set `name` of the hub says it; what is on the hub may be named."""
    for text in _outside(path, f"the data set {name}"):
        if not text.startswith(_ON_THE_HUB) or "::" in text:
            said = f"The data set {name} refers to data that is not on the hub: {text[:100]}."
            raise WorkbenchError(said, "Nothing was requested from there. Download its files yourself and upload them.")


def _outside(path: Path, of: str) -> list[str]:
    """What a file that says how a data set is laid out names outside of it."""
    texts = _texts(_head(path, of).get("configs"))
    return [text for text in texts if any(sign in text for sign in ELSEWHERE) or _is_above(text)]


def _is_above(text: str) -> bool:
    return ".." in PurePosixPath(text).parts or (text.startswith(("/", "~", "\\")) and text != "\\")


def refusal(folder: Path, what: str) -> WorkbenchError:
    text = f"The folder {folder.name} refers to data that is not in it: {what[:100]}."
    return WorkbenchError(text, "Only files in the folder are read. Put them there, or name the repository on the hub.")


def _head(path: Path, of: str) -> Mapping[str, Any]:
    import yaml  # type: ignore[import-untyped]

    text = _yaml_of(path, of)
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    where = f"{path.name} in {of} has a header"
    try:
        if _swells(text, loader):
            raise WorkbenchError(f"{where} that is too long, or repeats itself too often.", "Shorten it.")
        found = yaml.load(text, loader)
    except (yaml.YAMLError, ValueError) as error:
        raise WorkbenchError(f"{where} that is not YAML.", "Correct it, or move it elsewhere.") from error
    return found if isinstance(found, dict) else {}


def _swells(text: str, loader: Any) -> bool:
    """Whether it is nested without measure, long, or becomes so once every alias stands for what it names. Looked
    through piece by piece before anything is made of it."""
    import yaml

    depth = 0
    for number, event in enumerate(yaml.parse(text, loader)):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _DEEPEST or number > _MOST_VALUES:
            return True
    return _size(yaml.compose(text, loader), {}) > _MOST_VALUES


def _yaml_of(path: Path, of: str) -> str:
    if path.stat().st_size > _LONGEST:
        text = f"{path.name} in {of} is longer than {_LONGEST // 1_000_000} MB."
        raise WorkbenchError(text, "Shorten it, or move it elsewhere.")
    text = path.read_text(encoding="utf-8", errors="replace").removeprefix("\ufeff")
    if path.suffix != ".md":
        return text
    lines = text.splitlines()
    if not lines or lines[0].strip() != "---":
        return ""
    end = next((number for number, line in enumerate(lines[1:], start=1) if line.strip() == "---"), 1)
    return "\n".join(lines[1:end])


def _size(node: Any, known: dict[int, int]) -> int:
    """How many values there are once every alias stands for what it names: a few lines can name billions. What names
    itself has no end."""
    if id(node) not in known:
        known[id(node)] = _MOST_VALUES + 1
        inner = getattr(node, "value", None)
        inside = chain.from_iterable(one if isinstance(one, tuple) else (one,) for one in inner or ())
        known[id(node)] = 1 + (0 if isinstance(inner, str) else sum(_size(one, known) for one in inside))
    return known[id(node)]


def _texts(value: object) -> Iterator[str]:
    """Every text in nested lists and mappings."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from _texts(one)
    elif isinstance(value, Sequence):
        for one in value:
            yield from _texts(one)
