"""One script out of ES modules, for where a script can import nothing.

Each module says what it takes from which file and what it gives. The bundle has every module once, after those it
imports from, without those words; so no two of them may use one name at their top level.
"""

import posixpath
import re
from pathlib import Path, PurePosixPath

_IMPORT = re.compile(r'^import \{[^}]*\} from "(\.\.?/[\w/.-]+)";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?function|const|let|class)(?!default)", re.MULTILINE)
_NAME = re.compile(r"^(?:(?:async )?function\*?|const|let|class) ([\w$]+)", re.MULTILINE)


def bundle(folder: Path, entry: str) -> str:
    """The entry module and all it imports from, in one script. Raises ValueError where that cannot be."""
    modules: dict[str, str] = {}
    _collect(folder, PurePosixPath(entry), modules, ())
    owners: dict[str, str] = {}
    for module, text in modules.items():
        for name in _NAME.findall(text):
            if name in owners:
                raise ValueError(f"{module} and {owners[name]} both have a {name}")
            owners[name] = module
    return "\n".join(f"// {module}\n{text}" for module, text in modules.items())


def _collect(folder: Path, module: PurePosixPath, modules: dict[str, str], above: tuple[str, ...]) -> None:
    name = str(module)
    if name in modules:
        return
    if name in above:
        raise ValueError(f"{' imports '.join((*above, name))}")
    text = (folder / name).read_text(encoding="utf-8")
    for path in _IMPORT.findall(text):
        _collect(folder, PurePosixPath(posixpath.normpath(module.parent / path)), modules, (*above, name))
    bare = _EXPORT.sub("", _IMPORT.sub("", text))
    if left := re.search(r"^(import\b.*|export (?!default).*)", bare, re.MULTILINE):
        raise ValueError(f"{name}: cannot bundle “{left.group()}”")
    modules[name] = bare
