"""Links that somebody else has made: whatever they say, a page shows its usual self or one plain sentence."""

import ast
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.model import TableData
from core.services.data.bringing import ImportChoice
from core.workbench import Workbench
from pages._ui.review.queues import QUEUES
from tests.pages.conftest import OpenApp, Small, add_model

ROOT = Path(__file__).parents[2]
PAGES = sorted(path.stem for path in (ROOT / "pages").glob("*.py"))
MARK = "only-in-a-private-file"
IMAGE = "<img src=x onerror=alert(1)>"
HOSTILE = [
    "9" * 400, "9223372036854775808", "-1", "0", "00", "1e999", "NaN", "inf", "-0.0", "1_000", "٣", "½", "²", " 1 ",
    "1.5",
    "x" * 100_000, "," * 100_000, "1," * 50_000, "\ufffd\ufffd\ufffd", "\0", "a\0b", "\u202e", "\r\nSet-Cookie: a=b",
    IMAGE, "[a](javascript:alert(1))", "javascript:alert(1)", "$$\\frac{a}{b}$$", ":red[x] :material/bug_report:",
    "' OR 1=1 --", "1; DROP TABLE items", "%", "*", '"', "{{text}}", "{}", "[]", "null", "None", "true",
    "../../../etc/passwd",
    "/etc/passwd", "C:\\Windows\\win.ini", "file:///etc/passwd", "http://127.0.0.1:1/x.csv", "//127.0.0.1/x", "~", ".",
    "",
    "all", "test", "1,1,1", "1-1", "2~2",
]  # fmt: skip
_TURNS = 4


def names() -> set[str]:
    """All names under which a page looks into its link."""
    found = {one.key for kind in QUEUES.values() for one in kind.picks} | {"project", "new", "upload", "path", "host"}
    for path in (ROOT / "pages").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                given = [one.value for one in node.keywords if one.arg == "key"]
                found |= {one.value for one in given if isinstance(one, ast.Constant) and isinstance(one.value, str)}
    return found


def stored(wb: Workbench) -> list[str]:
    """The whole database, line by line."""
    with sqlite3.connect(f"file:{wb.db.path}?mode=ro", uri=True) as connection:
        return list(connection.iterdump())


def shown(at: AppTest) -> Iterator[str]:
    yield from (str(element.proto) for element in at.main)
    yield from (str(element.proto) for element in at.sidebar)


def interpreted(at: AppTest) -> list[str]:
    """What Streamlit would read as Markdown, with what is escaped taken out."""
    kinds = (at.markdown, at.caption, at.warning, at.error, at.info, at.success, at.title, at.subheader)
    return [one.value.replace("\\<", "").replace("\\[", "") for kind in kinds for one in kind]


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES)
def test_a_page_opened_by_any_link_shows_itself_or_a_sentence_and_reads_and_writes_nothing(
    page: str, app: OpenApp, wb: Workbench, small: Small, tmp_path: Path
) -> None:
    add_model(wb, small, "hasty", wrong_every=4)
    other = wb.data.import_table(TableData(("text",), [("another",)]), ImportChoice("Other", ("text",)))
    private = tmp_path / "private.csv"
    private.write_text(f"text,label\n{MARK},{MARK}\n", encoding="utf-8")
    app(page, project=small.id)  # what a first visit writes is written
    before = stored(wb)
    values = [*HOSTILE, str(private), os.path.relpath(private), f"file://{private}", str(other), str(2**31)]
    keys = sorted(names())
    for turn in range(int(os.environ.get("LABELLOOP_LINK_TURNS", _TURNS))):
        link = {key: values[(place * 7 + turn * 11) % len(values)] for place, key in enumerate(keys)}
        if turn % 2:
            del link["new"]  # with it Data shows its import
        at = open_link(link | ({} if turn % 4 == 3 else {"project": str(small.id)}), page, repeated=turn % 4 == 2)
        assert not at.exception, (page, link, at.exception[0].value)
        assert not any(MARK in text for text in shown(at)), (page, link)
        assert not any(IMAGE[:4] in text or "[a](java" in text for text in interpreted(at)), (page, link)
        assert stored(wb) == before, (page, link)


def open_link(link: dict[str, str], page: str, *, repeated: bool) -> AppTest:
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()
    at.switch_page(f"pages/{page}.py")
    for key, value in link.items():
        at.query_params[key] = [value, "1", value] if repeated else value
    return at.run()
