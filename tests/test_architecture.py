"""The dependency rule, read off the source and checked in a fresh interpreter; and a proof that the guard bites."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
BRACES = (
    "tasks",
    "prompts",
    "hosts",
    "metrics",
    "finetune",
    "importers",
    "exporters",
    "storage",
    "splits",
)
"""The packages that know nothing but the nouns; services compose them. The embedded host is another one apart."""

NOUNS = {"core.model", "core.errors", "core.spelling", "core.text"}
MAY_IMPORT: dict[str, set[str]] = {
    "core.errors": set(),
    "core.model": set(),
    "core.spelling": set(),
    "core.text": {"core.errors"},
    "core.settings": NOUNS,
    **{f"core.{name}": NOUNS for name in BRACES},
    "core.embedded": NOUNS,
    "core.services": {*NOUNS, "core.settings", *(f"core.{name}" for name in BRACES), "core.embedded.process"},
    "core.worker": {*NOUNS, "core.settings", "core.services", "core.storage", "core.workbench"},
    "core.workbench": {*NOUNS, "core.settings", "core.services", "core.storage", "core.worker"},
}
ONLY_IN = {
    "sqlalchemy": ("core.storage",),
    "alembic": ("core.storage",),
    "openai": ("core.hosts", "core.finetune"),
    "aiohttp": ("core.hosts", "core.finetune"),
    "streamlit": ("app", "pages"),
}
ONLY_INSIDE_FUNCTIONS = ("openai", "datasets")
NEVER_ON_A_PAGE = ("sqlalchemy", "openai", "threading", "sqlite3")
SHARED_BY_SESSIONS = ("threading.Lock",)
"""Streamlit runs every session in a thread of its own; what they share may be guarded. No page starts a thread."""
NEVER_AT_START = ("streamlit", "openai", "datasets", "sklearn", "torch")


def source_files(root: Path) -> Iterator[tuple[str, Path]]:
    """`(dotted module name, file)` of everything that ships."""
    for path in sorted([*root.glob("app.py"), *root.glob("core/**/*.py"), *root.glob("pages/**/*.py")]):
        parts = path.relative_to(root).with_suffix("").parts
        yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts), path


def imports(tree: ast.AST) -> Iterator[tuple[str, int, bool]]:
    """`(dotted name, line, whether at import time)`; `from a import b` gives a.b."""
    inside = {
        child
        for function in ast.walk(tree)
        if isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
        for child in ast.walk(function)
    }
    for node in ast.walk(tree):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, "imports are absolute here"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        for name in names:
            yield name, getattr(node, "lineno", 0), node not in inside


def within(name: str, *packages: str) -> bool:
    return any(name == package or name.startswith(package + ".") for package in packages)


def unit_of(module: str) -> str | None:
    """The part of core a module belongs to, as MAY_IMPORT names it; None outside core."""
    return ".".join(module.split(".")[:2]) if within(module, "core") and module != "core" else None


def violations(root: Path) -> list[str]:
    """Every breach of the rule under `root`, one line each."""
    found = []
    for module, path in source_files(root):
        text = path.read_text(encoding="utf-8")
        if "unsafe_allow_" + "html" in text:
            found.append(f"{path.relative_to(root)}: data must never be shown as HTML")
        for name, line, at_import in imports(ast.parse(text)):
            found += [f"{path.relative_to(root)}:{line}: {said}" for said in _breaches(module, name, at_import)]
    return list(dict.fromkeys(found))


def _breaches(module: str, name: str, at_import: bool) -> Iterator[str]:
    top = name.split(".")[0]
    if top in ONLY_IN and not within(module, *ONLY_IN[top]):
        yield f"{module} imports {top}"
    if top in ONLY_INSIDE_FUNCTIONS and at_import:
        yield f"{module} imports {top} at import time"
    if top in NEVER_ON_A_PAGE and within(module, "pages", "app") and name not in SHARED_BY_SESSIONS:
        yield f"the page {module} imports {top}"
    unit = unit_of(module)
    if unit is None:
        if within(name, "core.storage"):
            yield f"the page {module} imports {name} past the services"
        return
    if within(name, "pages", "app", "tests"):
        yield f"{module} imports {name}"
    if within(name, "core") and not within(name, unit, *MAY_IMPORT.get(unit, set())):
        yield f"{module} imports {name}"


def in_a_fresh_interpreter(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_every_import_keeps_to_the_dependency_rule():
    assert violations(ROOT) == []


def test_every_part_of_core_has_its_place_in_the_rule():
    units = {unit_of(module) for module, _ in source_files(ROOT)} - {None}
    assert units == set(MAY_IMPORT)


PLANTED = {
    "core/metrics/rogue.py": ("from core.storage import runs\n", "core.metrics.rogue imports core.storage"),
    "core/hosts/rogue.py": ("from core.prompts import diff\n", "core.hosts.rogue imports core.prompts"),
    "core/splits/rogue.py": ("from core import exporters\n", "core.splits.rogue imports core.exporters"),
    "core/services/rogue.py": (
        "def f():\n    from sqlalchemy import text\n",
        "core.services.rogue imports sqlalchemy",
    ),
    "core/services/rogue2.py": ("from core.embedded import encoder\n", "imports core.embedded.encoder"),
    "core/embedded/rogue.py": ("import aiohttp\n", "core.embedded.rogue imports aiohttp"),
    "core/model.py": ("from core.errors import WorkbenchError\n", "core.model imports core.errors"),
    "core/tasks/rogue.py": ("import streamlit as st\n", "core.tasks.rogue imports streamlit"),
    "core/hosts/early.py": ("import openai\n", "core.hosts.early imports openai at import time"),
    "core/importers/early.py": ("import datasets\n", "imports datasets at import time"),
    "core/storage/rogue.py": ("from pages._ui import handle\n", "core.storage.rogue imports pages._ui"),
    "pages/rogue.py": ("import threading\n", "the page pages.rogue imports threading"),
    "pages/rogue2.py": ("from core.storage import runs\n", "past the services"),
    "pages/_ui/rogue.py": ("st.markdown(x, unsafe_allow_" + "html=True)\n", "never be shown as HTML"),
    "app.py": ("from sqlite3 import connect\n", "the page app imports sqlite3"),
}


@pytest.mark.parametrize("place", PLANTED)
def test_the_guard_reports_a_planted_violation(place, tmp_path):
    source, expected = PLANTED[place]
    path = tmp_path / place
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(source)
    assert [line for line in violations(tmp_path) if expected in line and line.startswith(place)]


def test_the_guard_lets_the_allowed_imports_pass(tmp_path):
    path = tmp_path / "core" / "services" / "good.py"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        "from core import model\nfrom core.embedded.process import EmbeddedHost\nfrom core.hosts import chat\n"
    )
    assert violations(tmp_path) == []


def test_opening_the_workbench_loads_none_of_the_heavy_libraries():
    code = f"import sys, core.workbench; print([n for n in {NEVER_AT_START!r} if n in sys.modules])"
    assert in_a_fresh_interpreter(code) == "[]"


def test_the_nouns_import_nothing_but_the_standard_library():
    code = (
        "import sys; before = set(sys.modules); import core.model, core.errors;"
        "print([n for n in set(sys.modules) - before"
        " if n.split('.')[0] not in {*sys.stdlib_module_names, 'core'}])"
    )
    assert in_a_fresh_interpreter(code) == "[]"
