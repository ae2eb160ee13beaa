"""The parts of the Export page: one panel for each thing that can be exported."""

import base64
import re
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import streamlit as st

from core.model import AnnotatorKind, Outcome, Project
from core.services.export.exporting import SHAPES, TOOL
from core.services.export.pushing import DATA_SET
from core.services.export.vocabulary import EXPORTERS, Exporter, ToolExporter
from core.services.learning.fine_tuning import Preflight, TuneRequest
from core.workbench import Workbench
from pages._ui.compare.cases import CASES
from pages._ui.compare.choosing import choose, no_items
from pages._ui.compare.facts import report_button, report_of
from pages._ui.compare.view import looks
from pages._ui.export.hub_view import push_to_hub
from pages._ui.fine_tune.choosing import asks_items, choose_against, choose_form, choose_method
from pages._ui.review.keeper import receive
from pages._ui.shell.built import build_button
from pages._ui.shell.frame import link
from pages._ui.shell.lead import own
from pages._ui.shell.pick import pick, pick_many, pick_segment, pick_switch
from pages._ui.words.table import Cell, Heading, table
from pages._ui.words.text import count, digest, plain

_REPORT_HEIGHT = 900
_TALL, _WIDE, _NARROW, _LONGEST = 520, "18rem", "3rem", 400
_ROWS, _RECORDS = 10, 3
"""How many the preview shows."""
PANELS = {
    "annotations": "Annotations",
    "training": "Training data",
    "task": "Task",
    "report": "Comparison report",
}


def bring_decisions(wb: Workbench) -> None:
    """What was decided in this browser and is not stored yet is stored first, or it is said why not."""
    receive(wb, None)


def choose_panel() -> str:
    """What to export; in the URL."""
    return pick_segment("What to export", PANELS, key="export_what")


def annotations_panel(wb: Workbench, project: Project) -> None:
    """Shape, annotators, format; then how many rows, how they look, and the file."""
    counts = wb.projects.annotated_counts(project.id)
    names = {str(i): f"{title} ({counts.get(i, 0):,})" for i, title in wb.projects.titles(project.id).items()}
    choices, result = st.columns([1, 2.7], gap="medium")
    with choices:
        shape = pick("Rows", SHAPES, key="export_shape")
        formats = wb.export.tool_formats(project.id) if shape == TOOL else EXPORTERS
        key = "export_tool" if shape == TOOL else "export_format"
        file_format = pick("Format", {key: one.title for key, one in formats.items()}, key=key)
        exporter = formats[file_format]
        has_room = not isinstance(exporter, ToolExporter) or exporter.of_all is not None
        all_questions = has_room and _all_questions(wb, project)
        chosen = (
            ()
            if all_questions
            else pick_many(
                "Annotators",
                names,
                key="export_annotators",
                placeholder="all of them",
                help="The number is how many items each has labelled.",
            )
        )
        has_files = wb.export.has_files(project.id)
        _about(wb, project, file_format, exporter, has_files=has_files, all_questions=all_questions)
        history = shape == "long" and pick_switch(
            "Include history", key="export_history", help="Every entry ever made, oldest first."
        )
    what = {
        "shape": shape,
        "annotator_ids": [int(one) for one in chosen] or None,
        "with_history": history,
        "all_questions": all_questions,
    }
    with choices:
        what["models_on_test"] = _models_on_test(wb, project, what["annotator_ids"], all_questions=all_questions)
    most_rows = None if isinstance(exporter, ToolExporter) else exporter.most_rows
    with result:
        rows = wb.export.count_rows(project.id, **what)
        if not rows:
            st.info("There are no items to export yet.", icon=":material/info:")
            link("data", "Import items", icon=":material/upload_file:")
            return
        is_too_long = most_rows is not None and rows > most_rows
        with st.container(horizontal=True, vertical_alignment="center"):
            if not (has_files and isinstance(exporter, ToolExporter) and exporter.holds_files):
                st.download_button(
                    f"Download {exporter.title}",
                    lambda: wb.export.file(project.id, file_format=file_format, **what),
                    f"{file_name(project.name)}-annotations-{shape}{exporter.suffix}",
                    exporter.mime,
                    type=own("export", presses=True),
                    icon=":material/download:",
                    on_click="ignore",
                    key="download-annotations",
                    disabled=is_too_long,
                )
            has_settings = isinstance(exporter, ToolExporter) and exporter.settings is not None
            if has_files or has_settings:
                choices_made = digest(str(project.id), file_format, repr(what))
                called = f"{file_name(project.name)}-{file_format if shape == TOOL else shape}-{choices_made}.zip"
                build_button(
                    "Build a zip with the files" if has_files else "Build a zip with its settings",
                    choices_made,
                    wb.export.stamp(project.id),
                    lambda bar, left: wb.export.build(
                        project.id, called, file_format=file_format, progress=bar, left_out=left, **what
                    ),
                    disabled=is_too_long,
                )
            if file_format == DATA_SET:
                push_to_hub(wb, project, {name: what[name] for name in ("annotator_ids", "models_on_test")})
            held = count(rows, "item" if shape == TOOL else "row")
            st.caption(f"{held}; the file is built when you click.")
        _about_asked(wb, project, shape, what["annotator_ids"], history=history)
        if is_too_long:
            st.warning(
                f"{exporter.title} allows at most {most_rows:,} rows. Choose another format, or fewer annotators.",
                icon=":material/warning:",
            )
        beginning = {name: value for name, value in what.items() if name != "models_on_test"}
        shown = _RECORDS if shape == TOOL else _ROWS
        _table(
            wb.export.preview(project.id, file_format=file_format, n=shown, **beginning),
            rows,
            "item" if shape == TOOL else "row",
        )


def _about_asked(
    wb: Workbench, project: Project, shape: str, annotator_ids: Sequence[int] | None, *, history: bool
) -> None:
    """What stands for an item of which the question is not asked, where there is a condition."""
    where = wb.projects.asked_where(project.id)
    if not where:
        return
    without = "no row of an annotator" if shape == "long" else "an empty answer"
    said = f"This question is asked {where}: elsewhere there is {without}."
    left = 0 if history else wb.export.left_out(project.id, annotator_ids=annotator_ids)
    if left:
        said += f" {count(left, 'answer')} from before {'is' if left == 1 else 'are'} left out; the history has all."
    st.caption(plain(said))


def _about(
    wb: Workbench,
    project: Project,
    key: str,
    exporter: Exporter | ToolExporter,
    *,
    has_files: bool,
    all_questions: bool,
) -> None:
    """What the format is; of another tool's also what it cannot carry, and what the tool must be told first."""
    st.caption(plain(exporter.about))
    if not isinstance(exporter, ToolExporter):
        return
    st.caption(plain(exporter.leaves_out))
    for sentence in wb.export.not_carried(project.id, key) if all_questions else ():
        st.caption(f":material/info: {plain(sentence)}")
    if has_files:
        st.caption(plain(exporter.about_files))
    if exporter.settings:
        st.download_button(
            f"Download its {exporter.settings.title}",
            wb.export.settings(project.id, key, all_questions=all_questions),
            exporter.settings.file,
            exporter.settings.mime,
            icon=":material/settings:",
            on_click="ignore",
            key="download-settings",
        )


def _all_questions(wb: Workbench, project: Project) -> bool:
    """Whether the answers to all questions about the items go into one file; asked where there are several."""
    asked = [plain(one.question, 60) for one in wb.projects.questions(project.id)]
    return len(asked) > 1 and pick_switch(
        f"All {len(asked)} questions",
        key="export_all",
        help="Everybody's answers to all in one file: a column of a table says which question a row answers, or "
        f"the columns of each annotator have the question behind the name. {', '.join(asked)}.",
    )


def _models_on_test(
    wb: Workbench, project: Project, annotator_ids: Sequence[int] | None, *, all_questions: bool
) -> bool:
    """Whether the file holds what models say of test items, which is a look for each of them once it is downloaded."""
    asked = wb.projects.questions(project.id) if all_questions else [project]
    everyone = [one for question in asked for one in wb.projects.annotators(question.id)]
    models = {one.id for one in everyone if one.kind is AnnotatorKind.MODEL}
    if models.isdisjoint(models if annotator_ids is None else annotator_ids) or not models:
        return True
    whole = pick_switch(
        "Include models on test",
        key="export_models_on_test",
        default=True,
        help="What models say about test items. Seen beside other labels it counts as a look at test for each model. "
        "It is not in the preview.",
    )
    ahead = wb.export.looks_ahead(project.id, annotator_ids=annotator_ids, all_questions=all_questions) if whole else 0
    if ahead:
        st.caption(f":material/lock: Downloading it counts as {count(ahead, 'look')} at test.")
    return whole


def training_panel(wb: Workbench, project: Project) -> None:
    """The files a fine-tune would upload, for use elsewhere."""
    teachers, versions = wb.fine_tunes.teachers(project.id), wb.prompts.versions(project.id)
    if not teachers or not versions:
        st.info(
            "Training data needs an annotator with labels on train items, and a prompt version.", icon=":material/info:"
        )
        link("prompts", "Write a prompt", icon=":material/chat:")
        link("review", "Label items", icon=":material/keyboard:")
        return
    names = {
        str(i): f"{title} ({teachers[i]:,})" for i, title in wb.projects.titles(project.id).items() if i in teachers
    }
    choices, result = st.columns([1, 2.7], gap="medium")
    with choices:
        method = choose_method(wb, project, "export_method")
        teacher = int(pick("Labels of", names, key="export_teacher", default=str(project.reference_id)))
        against = choose_against(wb, project, method, teacher, "export_against")
        version = versions[0].id
        if not asks_items(wb, project, method):
            version = int(pick("Prompt version", {str(v.id): v.title for v in versions}, key="export_prompt"))
        preflight = wb.fine_tunes.preflight(TuneRequest(project.id, teacher, version, method=method, against=against))
        form = choose_form(preflight, "export_form")
        choices_made = digest(str(project.id), form, str(method), str(teacher), str(against), str(version))
        st.caption(f"{preflight.forms[form].about} Test items are never included.")
    with result:
        _training_files(wb, project, preflight, form, choices_made)
        chosen = {"tune_from": teacher, "tune_prompt": version, "tune_method": method}
        link("fine_tune", "Check it on Fine-tune", icon=":material/school:", **chosen)


def _training_files(wb: Workbench, project: Project, preflight: Preflight, form: str, choices_made: str) -> None:
    """Both files, and how the first begins; with pictures they are built on disk, as they may be larger than memory."""
    with st.container(horizontal=True, vertical_alignment="center"):
        for split, examples, build in (
            ("train", preflight.training.train, preflight.jsonl),
            ("validation", preflight.training.validation, preflight.validation_jsonl),
        ):
            called = f"{file_name(project.name)}-{split}"
            if preflight.shows_files:
                build_button(
                    f"Build {split}",
                    f"{choices_made}-{split}",
                    wb.export.stamp(project.id),
                    partial(_build_training, wb, project, preflight, f"{called}-{choices_made}.jsonl", form, split),
                    disabled=not examples,
                )
            else:
                st.download_button(
                    f"Download {split}",
                    partial(build, form),
                    f"{called}.jsonl",
                    "application/x-ndjson",
                    icon=":material/download:",
                    on_click="ignore",
                    disabled=not examples,
                    key=f"download-{split}",
                )
            st.caption(count(len(examples), "line"))
    st.caption("The first lines:")
    _lines("\n".join(preflight.sample(form=form)))


def _build_training(
    wb: Workbench,
    project: Project,
    preflight: Preflight,
    called: str,
    form: str,
    split: str,
    bar: Callable[[float], None],
    left: list[str],
) -> Path:
    is_validation = split == "validation"
    return wb.export.keep(
        project.id, called, lambda out: preflight.write(out, form, validation=is_validation, progress=bar)
    )


def task_panel(wb: Workbench, project: Project) -> None:
    """The task in the shape that annotation tools share."""
    text = wb.task_files.written(project.id)
    st.download_button(
        "Download the task",
        text,
        f"{file_name(project.name)}-task.json",
        "application/json",
        type=own("export", presses=True),
        icon=":material/download:",
        on_click="ignore",
        key="download-task",
    )
    st.caption(
        "Every question with its labels, guidelines and condition, and the layout of the items, as JSON in Kili's "
        "json_interface format. Import it on the Task page, or make a new project of it on Projects."
    )
    with st.container(height=420):
        st.code(text, language="json", wrap_lines=True)


def report_panel(wb: Workbench, project: Project) -> None:
    """The report of a comparison as it is downloaded, with whom it is about to choose."""
    chosen = choose(wb, project)
    if chosen is None:
        return
    view = wb.compare.view(project.id, *chosen)
    if not view.figures.n:
        no_items(wb, project, view)
        return
    fixed, broken = (wb.compare.cases(project.id, *chosen, one, CASES) for one in (Outcome.FIXED, Outcome.BROKEN))
    with st.container(horizontal=True, vertical_alignment="center"):
        report_button(wb, project, view, fixed, broken, look=own("export", presses=True))
        looks(view)
    # By its address it is a page of its own, which can reach nothing of this one.
    page = base64.b64encode(report_of(wb, project, view, fixed, broken).encode()).decode()
    st.iframe(f"data:text/html;base64,{page}", height=_REPORT_HEIGHT, alt="The report as it is downloaded")


def _table(rows: list[dict[str, str]], of: int, what: str) -> None:
    """The first rows, as whoever opens the file will see them; `what` is one of those that are counted."""
    st.caption(f"The first {len(rows)} of {count(of, what)}:" if len(rows) < of else f"All {what}s:")
    headings = [Heading(name, least=_WIDE if name == "text" else _NARROW) for name in rows[0]]
    cells = [[Cell(value[:_LONGEST], title=value[:_LONGEST]) for value in row.values()] for row in rows]
    table(headings, cells, key="export-preview", tall=_TALL)


def _lines(text: str) -> None:
    with st.container(height=440):
        st.code(text.removeprefix("\ufeff").rstrip("\r\n"), language=None, wrap_lines=True)


def file_name(name: str) -> str:
    """The project's name as the beginning of a file's name: letters and digits of any script, dashes between."""
    return re.sub(r"\W+", "-", name).strip("-").lower() or "project"
