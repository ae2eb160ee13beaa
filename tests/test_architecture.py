"""The dependency rule, read off the source and checked in a fresh interpreter; and a proof that the guard bites."""

import ast
import posixpath
import re
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
    "media",
    "fetching",
    "portable",
)
"""The packages that know nothing but the nouns; services compose them. The embedded host is another one apart."""

NOUNS = {
    "core.model",
    "core.errors",
    "core.spelling",
    "core.plural",
    "core.words",
    "core.text",
    "core.said",
    "core.content",
    "core.conversation",
    "core.message_files",
    "core.docbin",
    "core.host_words",
    "core.host_refusals",
}
MAY_IMPORT: dict[str, set[str]] = {
    "core.errors": set(),
    "core.model": set(),
    "core.spelling": set(),
    "core.plural": set(),
    "core.words": {"core.spelling"},
    "core.text": {"core.errors"},
    "core.said": {"core.model"},
    "core.content": {"core.model"},
    "core.message_files": {"core.content", "core.text"},
    "core.conversation": {"core.message_files", "core.model", "core.text"},
    "core.docbin": set(),
    "core.host_words": set(),
    "core.host_refusals": {"core.errors", "core.plural"},
    "core.settings": NOUNS,
    **{f"core.{name}": NOUNS for name in BRACES},
    "core.embedded": NOUNS,
    "core.services": {
        *NOUNS,
        "core.message_files",
        "core.settings",
        *(f"core.{name}" for name in BRACES),
        "core.embedded.process",
    },
    "core.worker": {*NOUNS, "core.settings", "core.services", "core.storage", "core.workbench"},
    "core.workbench": {*NOUNS, "core.settings", "core.services", "core.storage", "core.worker"},
}
ONLY_IN = {
    "sqlalchemy": ("core.storage",),
    "alembic": ("core.storage",),
    "openai": ("core.hosts", "core.finetune"),
    "aiohttp": ("core.hosts", "core.finetune", "core.fetching"),
    "streamlit": ("app", "pages"),
}
ONLY_INSIDE_FUNCTIONS = ("openai", "datasets")
NEVER_ON_A_PAGE = ("sqlalchemy", "openai", "threading", "sqlite3")
SHARED_BY_SESSIONS = ("threading.Lock",)
"""Streamlit runs every session in a thread of its own; what they share may be guarded. No page starts a thread."""
ROOMS = {
    "core.services": (
        ("common",),
        ("hosts", "media"),
        ("asking", "drafts", "projects", "task", "review"),
        ("labelling", "data", "agreement", "learning"),
        ("batching", "prompts", "export"),
        ("runs",),
        ("portable", "studies"),
        ("demo",),
    ),
    "pages._ui": (
        ("words",),
        ("shell",),
        ("hosts", "review", "task", "projects"),
        ("runs", "data", "agreement", "fine_tune"),
        ("prompts",),
        ("compare",),
        ("export",),
    ),
}
"""The rooms of each house, floor by floor: a room imports from floors below its own, never from beside or above."""
PAGES_SHARE = ("shell", "words")
"""What a page imports besides the room of its own name."""
PAGES_KNOW = ("core.services", "core.model", "core.errors", "core.workbench.Workbench")
"""What pages know of core; the shell's handle alone opens the workbench, and so knows its settings as well."""
OPENS_THE_WORKBENCH = ("pages._ui.shell.handle", ("core.settings", "core.workbench"))
NEVER_AT_START = ("streamlit", "openai", "datasets", "sklearn", "torch")


SCRIPT_IMPORT = re.compile(r'^import .* from "([^"]+)";$', re.MULTILINE)
"""What a script of the browser takes, and from which file."""


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
        tree = ast.parse(text)
        found += [f"{path.relative_to(root)}:{line}: a page ends by returning" for line in _stops(tree)]
        for name, line, at_import in imports(tree):
            found += [f"{path.relative_to(root)}:{line}: {said}" for said in _breaches(module, name, at_import)]
    found += [
        f"{path.relative_to(root)}: {said}" for path in root.glob("pages/**/*.js") for said in _scripts(root, path)
    ]
    return list(dict.fromkeys(found))


def _stops(tree: ast.AST) -> Iterator[int]:
    """Lines that name `st.stop`: after it nothing more of a page can be drawn, such as its address and next step."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr == "stop" and getattr(node.value, "id", "") == "st":
            yield node.lineno
        if isinstance(node, ast.ImportFrom) and node.module == "streamlit":
            yield from (node.lineno for one in node.names if one.name == "stop")


def _scripts(root: Path, path: Path) -> Iterator[str]:
    """The scripts of the browser keep to the same floors."""
    module = _dotted(path.relative_to(root).as_posix())
    for place in SCRIPT_IMPORT.findall(path.read_text(encoding="utf-8")):
        name = _dotted(posixpath.normpath((path.parent / place).relative_to(root).as_posix()))
        if said := _leaves_its_floor(module, name):
            yield said


def _dotted(place: str) -> str:
    return place.removesuffix(".js").replace("/", ".")


def _breaches(module: str, name: str, at_import: bool) -> Iterator[str]:
    top = name.split(".")[0]
    if top in ONLY_IN and not within(module, *ONLY_IN[top]):
        yield f"{module} imports {top}"
    if top in ONLY_INSIDE_FUNCTIONS and at_import:
        yield f"{module} imports {top} at import time"
    if top in NEVER_ON_A_PAGE and within(module, "pages", "app") and name not in SHARED_BY_SESSIONS:
        yield f"the page {module} imports {top}"
    if said := _leaves_its_floor(module, name):
        yield said
    unit = unit_of(module)
    if unit is None:
        yield from _past_the_services(module, name)
        return
    if within(name, "pages", "app", "tests"):
        yield f"{module} imports {name}"
    if within(name, "core") and not within(name, unit, *MAY_IMPORT.get(unit, set())):
        yield f"{module} imports {name}"


def room_of(name: str) -> tuple[str, str] | None:
    """`(house, room)` a module or an imported name is in; None outside the houses and in their halls."""
    for house in ROOMS:
        if name.startswith(house + "."):
            return house, name.removeprefix(house + ".").split(".")[0]
    return None


def _floor(house: str, room: str) -> int | None:
    return next((floor for floor, rooms in enumerate(ROOMS[house]) if room in rooms), None)


def _leaves_its_floor(module: str, name: str) -> str | None:
    here, there = room_of(module), room_of(name)
    if there is None:
        return None
    if within(module, "pages") and not within(module, "pages._ui"):
        own = module.split(".")[-1]
        shared = there[0] != "pages._ui" or there[1] in (own, *PAGES_SHARE)
        return None if shared else f"the page {module} imports from the room {there[1]}"
    if here is None or here[0] != there[0] or here[1] == there[1]:
        return None
    mine, its = _floor(*here), _floor(*there)
    if mine is not None and its is not None and its < mine:
        return None
    return f"{module} imports {name}, which is not below it"


def _past_the_services(module: str, name: str) -> Iterator[str]:
    """What a page may not know of core."""
    opener, opens = OPENS_THE_WORKBENCH
    if within(name, "core") and not within(name, *PAGES_KNOW, *(opens if module == opener else ())):
        yield f"the page {module} imports {name} past the services"


def in_a_fresh_interpreter(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_every_import_keeps_to_the_dependency_rule():
    assert violations(ROOT) == []


def test_every_part_of_core_has_its_place_in_the_rule():
    units = {unit_of(module) for module, _ in source_files(ROOT)} - {None}
    assert units == set(MAY_IMPORT)


@pytest.mark.parametrize("house", ROOMS)
def test_every_room_has_its_floor(house):
    places = {room_of(module) for module, _ in source_files(ROOT)} - {None}
    rooms = [room for floor in ROOMS[house] for room in floor]
    assert sorted(rooms) == sorted(room for where, room in places if where == house)


def named_twice(root: Path, house: str) -> list[str]:
    """Classes of one name in a house, with the modules that have them: a word means one thing in it."""
    owners: dict[str, list[str]] = {}
    for module, path in source_files(root):
        if within(module, house):
            for node in ast.parse(path.read_text(encoding="utf-8")).body:
                if isinstance(node, ast.ClassDef):
                    owners.setdefault(node.name, []).append(module)
    return [f"{name}: {', '.join(modules)}" for name, modules in owners.items() if len(modules) > 1]


@pytest.mark.parametrize("house", ROOMS)
def test_a_class_name_means_one_thing_in_a_house(house):
    assert named_twice(ROOT, house) == []


def test_a_planted_class_of_a_name_that_is_taken_is_reported(tmp_path):
    for room in ("task", "prompts"):
        path = tmp_path / "pages" / "_ui" / room / "draft.py"
        path.parent.mkdir(parents=True)
        path.write_text("class Draft:\n    pass\n")
    assert named_twice(tmp_path, "pages._ui") == ["Draft: pages._ui.prompts.draft, pages._ui.task.draft"]


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
    "pages/ends.py": ("import streamlit as st\n\nif not st.query_params:\n    st.stop()\n", "ends by returning"),
    "pages/_ui/shell/ends.py": ("from streamlit import stop\n", "ends by returning"),
    "pages/rogue3.py": ("from core.metrics import METRICS\n", "past the services"),
    "pages/rogue4.py": ("from core.workbench import open_workbench\n", "past the services"),
    "pages/runs.py": ("from pages._ui.hosts.retirement import warn\n", "imports from the room hosts"),
    "pages/_ui/task/rogue.py": ("from core.tasks import fold\n", "past the services"),
    "pages/_ui/words/rogue.py": ("from pages._ui.shell.frame import link\n", "which is not below it"),
    "pages/_ui/hosts/rogue.py": ("from pages._ui.review.links import review_link\n", "which is not below it"),
    "core/services/hosts/rogue.py": ("from core.services.runs import caps\n", "which is not below it"),
    "core/services/data/rogue.py": ("from core.services.learning import training\n", "which is not below it"),
    "core/services/nowhere/rogue.py": ("from core.services.common import lookup\n", "which is not below it"),
    "pages/_ui/shell/rogue.js": (
        'import { offer } from "../review/js/offer.js";\n',
        "imports pages._ui.review.js.offer, which is not below it",
    ),
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
    page = tmp_path / "pages" / "runs.py"
    page.parent.mkdir(parents=True)
    page.write_text("from pages._ui.runs.view import show\nfrom pages._ui.words.text import plain\n")
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
