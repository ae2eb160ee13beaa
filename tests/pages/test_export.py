"""The Export page."""

import base64
import json
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.exporters import EXPORTERS
from core.importers import read_table
from core.model import Split, TableData
from core.services.data.bringing import ImportChoice, ItemFilter
from core.storage import items, marks
from core.storage.annotations import NewAnnotation
from core.workbench import Workbench
from tests.fakes import saying
from tests.fakes.media import picture
from tests.fakes.written_hub import written_hub
from tests.pages.conftest import OpenApp, Small, add_model, asked, tables, texts


def test_it_shows_how_many_rows_there_will_be_and_the_first_ten(app: OpenApp, small: Small) -> None:
    at = app("export", project=small.id)
    assert not at.exception
    # 60 items, each labelled by two.
    assert "first 10 of 120 rows" in texts(at)
    (rows,) = tables(at)
    assert list(rows[0])[:6] == ["item_id", "id", "text", "split", "annotator", "label"]
    assert len(rows) == 10


def test_the_wide_shape_has_one_row_an_item(app: OpenApp, small: Small) -> None:
    at = app("export", project=small.id, export_shape="wide", export_format="jsonl")
    (rows,) = tables(at)
    assert "60 rows" in texts(at) and rows[0]["label:maria"] == "SPORTS"
    assert asked(at, "export_shape") == "wide"


def test_an_empty_project_leads_to_data(app: OpenApp, wb: Workbench, small: Small) -> None:
    with wb.db.write() as conn:
        conn.exec_driver_sql("DELETE FROM items")
    assert "no items to export" in texts(app("export", project=small.id))


def test_each_panel_opens_by_its_link(app: OpenApp, wb: Workbench, small: Small) -> None:
    training = app("export", project=small.id, export_what="training")
    assert "30 lines" in texts(training) and "12 lines" in texts(training) and not training.exception
    task = app("export", project=small.id, export_what="task")
    assert json.loads(task.code[0].value)["jobs"]
    assert "A comparison needs three annotators with labels" in texts(
        app("export", project=small.id, export_what="report")
    )
    training.selectbox(key="export_form").set_value("trl").run()
    assert '"completion": [{"role": "assistant"' in texts(training) and "TRL counts the loss" in texts(training)
    assert not [one for one in training.segmented_control if one.label == "Method"]


def test_the_report_is_shown_on_the_page_as_it_is_downloaded(app: OpenApp, wb: Workbench, small: Small) -> None:
    base = add_model(wb, small, "base", wrong_every=2)
    at = app("export", project=small.id, export_what="report")
    assert not at.exception and asked(at, "compare_split") == "validation"
    (shown,) = at.get("iframe")
    kind, _, page = shown.proto.src.partition(",")
    assert kind == "data:text/html;base64", "a page of its own, which can reach nothing of the one around it"
    report = base64.b64decode(page).decode()
    assert "jonas against base" in report and "<svg" in report and "the same 12 items of the validation split" in report
    assert "validation, look" not in report, "looks at test alone are counted"
    assert any(one.proto.label == "Download the report" for one in at.get("download_button"))
    assert wb.compare.looks(small.id) == 0, "test is looked at by who asks for it"
    app("export", project=small.id, export_what="report", compare_b=base, compare_split="test")
    assert wb.compare.looks(small.id) == 1


def test_more_rows_than_a_spreadsheet_holds_are_said_and_cannot_be_downloaded(
    app: OpenApp, small: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = replace(EXPORTERS["excel"], most_rows=119)
    monkeypatch.setitem(EXPORTERS, "excel", held)
    at = app("export", project=small.id, export_format="excel")
    assert [one.value for one in at.warning] == [
        f"{held.title} allows at most 119 rows. Choose another format, or fewer annotators."
    ]
    (download,) = at.get("download_button")
    assert download.proto.disabled and "120 rows" in texts(at)
    one = app("export", project=small.id, export_format="excel", export_annotators=small.reference)
    assert not one.warning and not one.get("download_button")[0].proto.disabled


def test_an_unknown_panel_in_a_link_is_the_first(app: OpenApp, small: Small) -> None:
    assert asked(app("export", project=small.id, export_what="nothing"), "export_what") == "annotations"


def test_the_count_is_what_is_written_for_every_choice(wb: Workbench, small: Small) -> None:
    model = add_model(wb, small, "base", wrong_every=2, split=Split.TEST)
    with wb.db.write() as conn:
        taken_back = [item for item in saying.label_ids_of(conn, model) if item % 3 == 0]
        saying.append(conn, [NewAnnotation(item, model, None) for item in taken_back])
    assert taken_back
    for shape in ("long", "wide"):
        for history in (False, True):
            for chosen in (None, [model], [small.reference, model]):
                what = {"shape": shape, "annotator_ids": chosen, "with_history": history}
                lines = wb.export.file(small.id, file_format="jsonl", **what).decode().splitlines()  # type: ignore[arg-type]
                assert wb.export.count_rows(small.id, **what) == len(lines), what  # type: ignore[arg-type]


def test_a_wide_csv_loads_elsewhere_with_the_same_labels(wb: Workbench, small: Small, tmp_path: Path) -> None:
    path = tmp_path / "wide.csv"
    path.write_bytes(wb.export.file(small.id, shape="wide", file_format="csv"))
    choice = ImportChoice("Again", ("text",), ("label:maria", "label:jonas"), "id")
    again = wb.data.import_table(read_table(path), choice)

    def labels(project: int) -> list[tuple[object, ...]]:
        lines = wb.export.file(project, shape="wide", file_format="jsonl").decode().splitlines()
        rows = [json.loads(line) for line in lines]
        return [(row["id"], row["text"], *(v for k, v in row.items() if k.startswith("label:"))) for row in rows]

    assert [row[:4] for row in labels(again)] == labels(small.id)


def test_another_tools_format_says_what_it_leaves_out_and_shows_three_records(app: OpenApp, small: Small) -> None:
    at = app("export", project=small.id, export_shape="tool", export_tool="label_studio")
    assert not at.exception and "history are not in it" in texts(at) and "The first 3 of 60" in texts(at)
    settings = next(one for one in at.get("download_button") if "configuration" in one.proto.label)
    assert settings.proto.label == "Download its labelling configuration"


def _pictured(wb: Workbench, color: str, name: str = "My twin") -> int:
    rows = [(wb.media.put(picture(color=color)), "a")]
    return wb.data.import_table(TableData(("picture", "ana"), rows), ImportChoice(name, ("picture",), ("ana",)))


def _offered(at: AppTest) -> list[str]:
    """The files in the zip that is offered; none where none is."""
    places = [one.value.split(" in ", 1)[1] for one in at.caption if one.value.startswith(":material/check:")]
    if not places:
        return []
    with zipfile.ZipFile(places[0].replace("\\", "")) as archive:
        return sorted(archive.namelist())


def _build(at: AppTest) -> AppTest:
    return next(one for one in at.button if one.label == "Build a zip with the files").click().run()


def test_a_zip_is_offered_for_the_choices_and_the_project_it_was_built_for(app: OpenApp, wb: Workbench) -> None:
    red, blue = _pictured(wb, "red"), _pictured(wb, "blue", "my-twin")
    at = _build(app("export", project=red))
    of_red = _offered(at)
    assert of_red[0] == "annotations.csv"
    at.selectbox(key="export_format").set_value("jsonl").run()
    assert not _offered(at) and _offered(_build(at))[0] == "annotations.jsonl"
    at.selectbox(key="export_format").set_value("csv").run()
    assert _offered(at) == of_red
    of_blue = _offered(_build(app("export", project=blue)))
    assert of_blue[0] == "annotations.csv" and of_blue != of_red
    assert _offered(at.run()) == of_red, "a project of nearly the same name has files of its own"


def test_a_zip_from_before_a_new_answer_is_not_offered_as_current(app: OpenApp, wb: Workbench) -> None:
    at = _build(app("export", project=(project := _pictured(wb, "red"))))
    assert _offered(at)
    with wb.db.write() as conn:
        who = wb.projects.annotators(project)[0].id
        saying.append(conn, [NewAnnotation(items.ids_in(conn, project, None)[0], who, None)])
    at.run()
    assert not _offered(at) and "Build it anew" in texts(at)
    assert _offered(_build(at))
    (one,) = wb.data.page(project, ItemFilter())
    with wb.db.write() as conn:
        marks.add_mark(conn, one.id, who, True, "look")
    assert not _offered(at.run()), "notes are in it too"


def test_a_file_that_cannot_be_read_whole_is_left_out_and_said(app: OpenApp, wb: Workbench) -> None:
    project = _pictured(wb, "red")
    (one,) = wb.data.page(project, ItemFilter())
    place = wb.media.store.path(one.text)
    place.write_bytes(place.read_bytes()[:20])
    at = _build(app("export", project=project))
    assert _offered(at) == ["annotations.csv"]
    assert "1 file could not be read whole and is not in the zip" in at.warning[0].value


def test_what_was_built_is_listed_with_what_came_since_and_deleted_with_one_press(
    app: OpenApp, wb: Workbench, small: Small
) -> None:
    assert not app("export", project=small.id).expander
    wb.export.keep(small.id, "old.zip", lambda out: out.write(b"x" * 2048))
    at = app("export", project=small.id)
    assert [one.label for one in at.expander] == ["Built files (1, 2 kB)"]
    assert "old.zip" in texts(at) and "2 kB · built just now · no new answers since" in texts(at)
    next(one for one in at.button if one.label == "Delete").click().run()
    assert not at.exception and wb.export.built(small.id) == []


def test_a_tool_s_file_and_its_settings_are_built_as_one_zip_which_an_import_reads(
    app: OpenApp, wb: Workbench, small: Small
) -> None:
    at = app("export", project=small.id, export_shape="tool", export_tool="kili")
    next(one for one in at.button if one.label == "Build a zip with its settings").click().run()
    assert not at.exception
    ((built, _),) = wb.export.built(small.id)
    assert sorted(zipfile.ZipFile(built.path).namelist()) == ["annotations.json", "interface.json"]


def test_a_data_set_is_pushed_to_the_hub_once_a_token_is_typed_which_the_page_forgets(
    app: OpenApp, wb: Workbench, small: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HF_TOKEN", raising=False)
    with written_hub() as hub:
        for place in ("datasets.config.HF_ENDPOINT", "huggingface_hub.constants.ENDPOINT"):
            monkeypatch.setattr(place, hub.url)
        at = app("export", project=small.id, export_shape="tool", export_tool="datasets")
        next(one for one in at.text_input if one.label == "Token that may write").set_value(hub.token)
        next(one for one in at.button if one.label == "Use this token").click().run()
        assert hub.token not in texts(at) and "Token that may write" not in texts(at)
        next(one for one in at.text_input if one.label == "Data set").set_value("ada/small")
        next(one for one in at.button if one.label == "Push").click().run()
        assert not at.exception and "/datasets/ada/small" in texts(at)
    assert hub.private == {"ada/small": True} and len(hub.files["ada/small"]) > 1
