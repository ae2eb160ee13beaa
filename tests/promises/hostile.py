"""All regular expressions of the product, and for each the texts that would make it go back and forth."""

import ast
import importlib
import itertools
import pickle
import pkgutil
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
FOLDERS = ("core", "pages/_ui")
LENGTH = 10_000
CPU_SECONDS = 0.2  # reading so much once takes milliseconds; trying from each place anew takes many seconds
_CALLS = {"compile", "search", "match", "fullmatch", "sub", "subn", "split", "findall", "finditer"}
_SAMPLES = {"DIGIT": "1", "WORD": "a", "SPACE": " ", "NOT_DIGIT": "a", "NOT_WORD": "-", "NOT_SPACE": "a"}
_COMMON = [" ", "\n", "a", "1", "A", "\t"]
_CUT = {"core.importers.columns._STEM": 100, "core.prompts.personal._DOMAIN": 254}
"""What the product cuts its text to before it looks for one."""
_MOST_UNITS, _LONGEST_WORD = 9, 12


class TooLong(Exception):
    """The time is up."""


def patterns() -> dict[str, re.Pattern[Any]]:
    """By where it stands. What is put together only at run time is not among them."""
    found: dict[tuple[Any, int], tuple[str, re.Pattern[Any]]] = {}
    for where, pattern in itertools.chain(_held_elsewhere(), _written()):
        found.setdefault((pattern.pattern, pattern.flags), (where, pattern))
    return dict(found.values())


def _held_elsewhere() -> list[tuple[str, re.Pattern[Any]]]:
    """Those of `_held`, found in a fresh interpreter: pages loaded while no script runs stay unusable."""
    code = (
        "import pickle, sys; from tests.promises import hostile;"
        "sys.stdout.buffer.write(pickle.dumps(list(hostile._held())))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=True, timeout=120)
    found: list[tuple[str, re.Pattern[Any]]] = pickle.loads(done.stdout)
    return found


def _held() -> Iterator[tuple[str, re.Pattern[Any]]]:
    """Those that a module or a class of it holds by a name, also within a tuple, list or dictionary."""
    for name in _modules():
        module = importlib.import_module(name)
        owners = [module, *(one for one in vars(module).values() if isinstance(one, type))]
        for owner in owners:
            if owner is not module and getattr(owner, "__module__", "") != name:
                continue
            for attribute, value in vars(owner).items():
                yield from ((f"{name}.{attribute}", one) for one in _within(value))


def _modules() -> Iterator[str]:
    for folder in FOLDERS:
        package = folder.replace("/", ".")
        for info in pkgutil.walk_packages([str(ROOT / folder)], f"{package}."):
            if not info.name.endswith("__main__") and ".migrations." not in info.name:
                yield info.name


def _within(value: object) -> Iterator[re.Pattern[Any]]:
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, dict):
        yield from (one for part in value.values() for one in _within(part))
    elif isinstance(value, tuple | list | set | frozenset):
        yield from (one for part in value for one in _within(part))


def _written() -> Iterator[tuple[str, re.Pattern[Any]]]:
    """Those that stand as they are in a call of `re`."""
    for path in sorted(ROOT.glob("core/**/*.py")) + sorted(ROOT.glob("pages/**/*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if _is_call_of_re(node) and isinstance(node.args[0], ast.Constant):
                yield (
                    f"{path.relative_to(ROOT)}:{node.lineno} {node.func.attr}",
                    re.compile(node.args[0].value, _flags(node)),
                )


def _is_call_of_re(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "re"
        and node.func.attr in _CALLS
        and bool(node.args)
    )


def _flags(node: ast.Call) -> int:
    given = [ast.unparse(one.value) for one in node.keywords if one.arg == "flags"]
    given += [text for text in map(ast.unparse, node.args[1:]) if text.startswith("re.")]
    return eval(" | ".join(given) or "0", {"re": re})


def texts(where: str, pattern: re.Pattern[Any]) -> Iterator[Any]:
    """Long texts of the very characters and words that it speaks of, one or two in turn, with ends that fit nothing."""
    parts = _units(re._parser.parse(pattern.pattern, pattern.flags & ~re.UNICODE))  # type: ignore[attr-defined]
    units = list(dict.fromkeys([*parts, *_COMMON]))[:_MOST_UNITS]
    bodies = units + [a + b for a, b in itertools.permutations(units, 2)]
    length = _CUT.get(where, LENGTH)
    for body in bodies:
        for head, tail in (("", "\x00"), (units[0], "")):
            text = head + (body * (length // len(body) + 1))[:length] + tail
            yield text.encode() if isinstance(pattern.pattern, bytes) else text


def _units(parsed: Any) -> list[str]:
    """Words and characters of a parsed pattern, in the order in which they stand."""
    units: list[str] = []
    word = ""
    for op, value in parsed:
        if str(op) == "LITERAL":
            word += chr(value)
            continue
        units += [word[:_LONGEST_WORD]] if word else []
        word = ""
        units += _unit(str(op), value)
    return [*units, word[:_LONGEST_WORD]] if word else units


def _unit(op: str, value: Any) -> list[str]:
    if op == "IN":
        return _of_class(value)
    if op in ("ANY", "NOT_LITERAL"):
        return ["x"]
    if op == "BRANCH":
        return [unit for branch in value[1] for unit in _units(branch)[:3]]
    inner = [part for part in (value if isinstance(value, tuple) else ()) if hasattr(part, "data")]
    return [unit for part in inner for unit in _units(part)]


def _of_class(members: Any) -> list[str]:
    if str(members[0][0]) == "NEGATE":
        return ["x"]
    samples = []
    for op, value in members[:6]:
        if str(op) == "LITERAL":
            samples.append(chr(value))
        elif str(op) == "RANGE":
            samples.append(chr(value[0]))
        else:
            samples.append(_SAMPLES.get(str(value).removeprefix("CATEGORY_"), "a"))
    return samples


@cache
def is_looked_for(where: str) -> bool:
    """Whether the product looks for it at all places of a text (`search`), not only at a place it says (`match`)."""
    if where.endswith(("match", "fullmatch")) and " " in where:
        return False
    module, _, name = where.rpartition(".")
    if not name.isidentifier():
        return True
    own = ROOT / f"{module.replace('.', '/')}.py"
    source = own.read_text(encoding="utf-8") if name.startswith("_") and own.is_file() else _source()
    uses = set(re.findall(rf"\b{re.escape(name)}\.({'|'.join(_CALLS)})\b", source))
    return not uses or bool(uses - {"match", "fullmatch"})


@cache
def _source() -> str:
    return "\n".join(path.read_text(encoding="utf-8") for folder in FOLDERS for path in (ROOT / folder).rglob("*.py"))


def read_through(where: str, pattern: re.Pattern[Any], text: Any) -> None:
    """As the product uses it: at the start, or wherever it fits. Raises `TooLong` after that much time of the CPU."""
    signal.signal(signal.SIGPROF, _stop)
    signal.setitimer(signal.ITIMER_PROF, CPU_SECONDS)
    try:
        pattern.match(text)
        for _ in pattern.finditer(text) if is_looked_for(where) else ():
            pass
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def _stop(*_: object) -> None:
    raise TooLong
