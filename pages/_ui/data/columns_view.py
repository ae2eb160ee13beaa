"""The second step of an import: what each column is taken for, with a preview of the rows."""

from collections.abc import Mapping, Sequence

import streamlit as st

from core.model import QuestionKind, TableData
from core.services.data.bringing import KINDS, MOST_CANDIDATES, ImportChoice, Recognised
from core.services.data.sources import Source, kind_of_answers
from core.services.data.words import usual_names
from core.workbench import Workbench
from pages._ui.data.tables import MOST_COLUMNS, picture_columns, preview_frame, role_labels
from pages._ui.shell.connection import keep, place_of, text_of, these_of
from pages._ui.words.text import digest, plain

_MOST_COMPARED = {QuestionKind.PREFERENCE: 2, QuestionKind.RANKING: MOST_CANDIDATES}
_PREVIEW_ROWS = 8
_ABOUT_TEXT = "A column of texts, pictures, sounds or films. Several columns of texts are joined by line breaks."
_ABOUT_LABELS = "Each column becomes an annotator; the first is the reference."
_ABOUT_WHO = (
    "If each row is one annotation: the column with the annotator's name. Rows with the same text, or the "
    "same id, become one item, and each name becomes an annotator."
)
_ABOUT_KIND = "What a cell of the chosen columns says of its row. It becomes the question of the project."
_ABOUT_MODELS = "Their answers are imported as those of models: compared with people's, and never counted as labelled."
_MOST_NAMED = 8
_PICTURE = 64  # pixels, of a row with a picture in it
_NARROW, _TEXT, _KIND = 170, 280, 230  # pixels, of what is seldom changed and of a text


def choose_columns(
    wb: Workbench, table: TableData, source: Source, found: Recognised, names_known: Mapping[str, str] | None = None
) -> ImportChoice:
    """What each column is taken for, as it was recognised unless the user says otherwise. With `names_known`, the
    annotators of label columns, they are those of a project that is there: what it asks is not chosen again."""
    guess, mark = found.columns, digest(source.stamp(), found.kind, *table.columns)
    text, labels = st.columns(2)
    names = list(table.columns)
    with text:
        texts = _several("What to label", f"import_text_{mark}", names, guess.text, _ABOUT_TEXT)
    with labels:
        others = [name for name in names if name not in texts]
        said = _several("Answers", f"import_labels_{mark}", others, guess.labels, _ABOUT_LABELS, "None")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        kind = found.kind
        if names_known is None:
            kind = _kind(*_proposed_kind(table, texts, said, found, mark)) if said else QuestionKind.SINGLE_LABEL
        free = [name for name in others if name not in said]
        annotator = _one("Annotator", f"import_who_{mark}", free, guess.annotator, _ABOUT_WHO, disabled=not said)
        ids = [name for name in names if name not in said and name != annotator]
        id_column = _one("Id", f"import_id_{mark}", ids, guess.id)
        called = {} if annotator else _name_annotators(table, said, mark, names_known or {})
    most = _MOST_COMPARED.get(kind, 0)
    compared = _compared(free, found, mark, most) if most else []
    models = [] if annotator else _models(said, found, called, mark)
    choice = ImportChoice(
        "",
        tuple(texts),
        tuple(said),
        id_column,
        first_row=source.first_row,
        annotator_column=annotator if said else None,
        annotator_names=called,
        kind=kind,
        candidates=tuple(compared),
        models=frozenset(models),
    )
    _preview(wb, table, choice, count_others=names_known is None)
    if found.about:
        st.caption(f":material/info: {plain(found.about)}")
    if not texts:
        st.info("Choose the column with what is to be labelled.", icon=":material/arrow_upward:")
    return choice


def _proposed_kind(
    table: TableData, texts: Sequence[str], said: Sequence[str], found: Recognised, mark: str
) -> tuple[QuestionKind, str]:
    """What was recognised of the columns that were; of others that the user chose, what those look like. Which columns
    it is of goes into the mark, so that other columns are asked about anew."""
    if set(said) & set(found.columns.labels) or not said:
        return found.kind, mark
    return kind_of_answers(table, texts, said), digest(mark, said[0])


def _kind(proposed: QuestionKind, mark: str) -> QuestionKind:
    """What the answers are; as proposed, unless the user says otherwise."""
    key, kinds = f"import_kind_{mark}", list(KINDS)
    place = place_of(key, kinds, kinds.index(proposed))
    chosen = st.selectbox(
        "Kind of answers", kinds, place, KINDS.__getitem__, key=keep(key), help=_ABOUT_KIND, width=_KIND
    )
    return QuestionKind(chosen or proposed)


def _compared(free: list[str], found: Recognised, mark: str, most: int) -> list[str]:
    """The columns that a preference or a ranking compares."""
    key = f"import_candidates_{mark}_{most}"
    return st.multiselect(
        f"Candidates that are compared, up to {most} columns",
        free,
        default=these_of(key, free, found.candidates[:most]),
        key=key,
        max_selections=most,
    )


def _models(said: Sequence[str], found: Recognised, called: Mapping[str, str], mark: str) -> list[str]:
    """Which of several columns are models' predictions, by the names of their annotators."""
    if len(said) < 2:
        return []
    key, columns = f"import_models_{mark}", list(said)
    chosen = st.multiselect(
        "Predictions by models",
        columns,
        default=these_of(key, columns, [name for name in found.models if name in columns]),
        key=key,
        placeholder="None",
        help=_ABOUT_MODELS,
    )
    return [" ".join(called.get(name, name).split()) or name for name in chosen]


def _several(
    title: str, key: str, names: list[str], guessed: Sequence[str], about: str, placeholder: str | None = None
) -> list[str]:
    return st.multiselect(
        title, names, default=these_of(key, names, guessed), key=key, placeholder=placeholder, help=about
    )


def _one(
    title: str, key: str, names: list[str], guessed: str | None, about: str | None = None, *, disabled: bool = False
) -> str | None:
    place = place_of(key, names, names.index(guessed) if guessed in names else None)
    return st.selectbox(
        title, names, place, key=keep(key), placeholder="None", disabled=disabled, help=about, width=_NARROW
    )


def _name_annotators(table: TableData, columns: Sequence[str], mark: str, known: Mapping[str, str]) -> dict[str, str]:
    """Who gave the labels of each column: a column called “label” does not say."""
    if not columns or len(columns) > _MOST_NAMED:
        return {}
    usual, names = {**usual_names(table, columns), **known}, {}
    for column in columns:
        key = f"import_name_{mark}_{digest(column)}"
        names[column] = st.text_input(
            f"Who labelled {plain(column, 40)}?",
            text_of(key, usual[column]),
            key=key,
            max_chars=60,
            placeholder=column,
            help="The annotator's name, as it is shown beside the labels: a person, a team, a source.",
        )
    return names


def _preview(wb: Workbench, table: TableData, choice: ImportChoice, *, count_others: bool) -> None:
    frame = preview_frame(table, choice, _PREVIEW_ROWS)
    pictures = picture_columns(frame)
    for name in pictures:
        frame[name] = [wb.media.thumbnail(cell) if cell else "" for cell in frame[name]]
    st.dataframe(
        frame,
        hide_index=True,
        placeholder="",
        row_height=_PICTURE if pictures else None,
        column_config={
            # Labels are seen beside the text on a small screen too; where there is more room, all of them grow.
            name: st.column_config.ImageColumn(label, width=_NARROW)
            if name in pictures
            else st.column_config.TextColumn(label, width=_TEXT if name in choice.text_columns else _NARROW)
            for name, label in role_labels(table, choice).items()
        },
    )
    if len(table.columns) > MOST_COLUMNS:
        st.caption(f"The first {MOST_COLUMNS} of {len(table.columns):,} columns, the chosen ones before the others.")
    others = len({*table.columns} - {*choice.roles})
    if others and count_others:
        kept = "column is kept as a field" if others == 1 else "columns are kept as fields"
        st.caption(f"{others:,} other {kept} of the items, for prompts and review.")
