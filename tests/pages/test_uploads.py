"""A file added to a project on the Data page: said before, done, shown, and undone."""

from pathlib import Path

from streamlit.testing.v1 import AppTest

from core.workbench import Workbench
from tests.pages.conftest import OpenApp, Small, texts


def _press(at: AppTest, label: str) -> None:
    next(button for button in at.button if button.label.startswith(label)).click().run()
    assert not at.exception


def test_a_file_is_added_filtered_by_and_undone(app: OpenApp, wb: Workbench, small: Small, tmp_path: Path) -> None:
    with wb.db.read() as conn:
        known = conn.exec_driver_sql("SELECT text FROM items ORDER BY id LIMIT 5").scalars().all()
    columns = wb.data.known_columns(small.id)
    text, label = columns.text[0], next(iter(columns.labels or {}))
    rows = [(one, "") for one in known] + [(f"entirely new {n} words {n * 7}", "SPORTS") for n in range(19)]
    rows += [("one more thing of another sort", "SCIENCE")]
    path = tmp_path / "more.csv"
    path.write_text(f"{text},{label},colour\n" + "".join(f"{one},{said},red\n" for one, said in rows))

    at = app("data", project=small.id, add=1, **{"from": "path"}, path=path)
    _press(at, "Read")
    shown = texts(at).replace("**", "")
    assert "20 new items · 5 already here: nothing new is said of them" in shown
    assert "No item that is here moves." in shown
    assert "Left out, since the project has no such field: colour." in shown
    assert "1 label in 1 answer is not in the task: SCIENCE" in " ".join(one.value for one in at.warning)
    _press(at, "Add 20 items")
    [newest, _] = wb.data.uploads(small.id)
    assert (newest.upload.name, newest.upload.n_items, newest.upload.counts["annotations"]) == ("more.csv", 20, 19)

    at = app("data", project=small.id, view="items", came_with=newest.upload.id)
    assert "1–20 of 20 items" in texts(at)
    at = app("data", project=small.id, view="uploads")
    assert "20 new items, 5 were here already · 19 annotations" in texts(at)
    _press(at, "Undo")
    assert "more.csv" not in texts(at) and len(wb.data.uploads(small.id)) == 1
