"""The first step of the import: where the rows come from."""

from dataclasses import asdict, replace
from pathlib import Path

import streamlit as st

from core.services.data.sources import (
    DELIMITERS,
    ENCODINGS,
    QUOTES,
    Source,
    find_upload,
    is_media,
    parts_in,
    spool,
    spool_together,
)
from core.workbench import Workbench
from pages._ui.shell.connection import text_of, value_of
from pages._ui.shell.pick import pick, pick_segment
from pages._ui.shell.press import is_pressed, is_submitted
from pages._ui.shell.shelf import shelf
from pages._ui.words.text import plain

_KINDS = {"upload": "Upload a file", "path": "A file on this machine", "hub": "Hugging Face"}
_FOUND_OUT = {"auto": "found out"}
_UPLOAD, _FROM = "upload", "from"
_PATH = "path"
_ASKED = "import_path_asked"
_COUNTER = "import_upload_number"


def choose_source(wb: Workbench) -> Source | None:
    """The source chosen so far, or None with a word on what to do. A file that was brought takes one line."""
    present = find_upload(wb.settings.data_dir / "uploads", st.query_params.get(_UPLOAD))
    if present is not None and st.query_params.get(_FROM, _UPLOAD) == _UPLOAD:
        with st.container(horizontal=True, vertical_alignment="center", key="import-line"):
            st.markdown(f"**1 Source** :material/description: **{plain(present.name)}** · {_size(present)}")
            source = _with_reading_options(str(present))
            if is_pressed("Choose another file", type="tertiary", icon=":material/swap_horiz:"):
                del st.query_params[_UPLOAD]
                st.rerun()
        return source
    st.markdown("**1 Source**")
    kind = pick_segment("Where from", _KINDS, key=_FROM, default=_UPLOAD, label_visibility="collapsed")
    if kind == "hub":
        return _hub()
    if kind == _UPLOAD:
        _upload(wb)
        return None
    location = _named()
    return _with_reading_options(location) if location else None


def _upload(wb: Workbench) -> None:
    """Spooled to disk at once, so that neither memory nor a reload matters; the URL remembers which."""
    number = st.session_state.setdefault(_COUNTER, 0)
    files = st.file_uploader(
        "Table, export of another tool, or pictures, sounds and films, up to 500 MB",
        key=f"import_upload_{number}",
        accept_multiple_files=True,
        help="CSV, JSON, JSONL, Excel, Parquet; tagged words (CoNLL); Label Studio, doccano, Prodigy, Argilla, Kili, "
        "spaCy. Pictures, sounds and films as a zip or several files together, with a table that names them or "
        "without; the folders of a zip can be their labels. What a file is, is found out from its content.",
    )
    if not files:
        st.caption("For larger files or a folder, give the path on this machine.")
        return
    folder = wb.settings.data_dir / "uploads"
    with st.spinner("Saving the file …" if len(files) == 1 else "Saving the files …"):
        named = [(one.name, one) for one in files]
        path = spool(folder, *named[0]) if len(named) == 1 and not is_media(files[0]) else spool_together(folder, named)
    st.session_state[_COUNTER] = number + 1
    st.query_params[_UPLOAD] = path.parent.name
    st.rerun()


def _named() -> str | None:
    """Read only when asked to: an address may name any file, and whoever follows a link has asked for none."""
    with st.form("import_path", border=False), st.container(horizontal=True, vertical_alignment="bottom"):
        path = st.text_input(
            "Path of a file, or of a folder with pictures, sounds or films, on the machine that runs LabelLoop",
            text_of("import_path_text", st.query_params.get(_PATH, "")),
            key="import_path_text",
            placeholder="/data/headlines.csv",
        )
        if is_submitted("Read", key="read_path", icon=":material/description:"):
            st.session_state[_ASKED] = path.strip()
            st.query_params[_PATH] = path.strip()
    asked = st.session_state.get(_ASKED)
    if not asked:
        st.caption("The file is read when you press Read.")
        return None
    return str(Path(asked).expanduser())


def _with_reading_options(location: str) -> Source:
    signs = {name: sign for sign, name in DELIMITERS.items()}
    with st.popover("Reading options", icon=":material/tune:", type="tertiary"):
        chosen_encoding = pick("Encoding", _FOUND_OUT | ENCODINGS, key="encoding")
        chosen_separator = pick("Separator", _FOUND_OUT | {name: name for name in signs}, key="separator")
        chosen_quotes = pick("Quotes inside quoted cells", _FOUND_OUT | QUOTES, key="quotes")
    return _of_several(
        Source(
            location,
            has_escapes=chosen_quotes == "backslash" if chosen_quotes in QUOTES else None,
            encoding=chosen_encoding if chosen_encoding in ENCODINGS else None,
            delimiter=signs.get(chosen_separator),
        )
    )


def _of_several(source: Source) -> Source:
    """With the table that is read, where the file or folder holds more than one."""
    parts = shelf().get(f"{source.stamp()}-parts", lambda: parts_in(source))
    if len(parts) < 2:
        return source
    return replace(source, part=pick("Table to read", {name: name for name in parts}, key="part"))


def _hub() -> Source | None:
    """Read only when asked to: it may use the network."""
    with st.form("import_hub", border=False):
        where, config, split, revision, rows = st.columns([4, 2, 2, 2, 2], vertical_alignment="bottom")
        name = where.text_input(
            "Repository or local folder",
            placeholder="owner/name or /data/folder",
            key="hub_name",
            value=text_of("hub_name"),
        )
        chosen = Source(
            name.strip(),
            is_hub=True,
            config=config.text_input(
                "Configuration", placeholder="default", key="hub_config", value=text_of("hub_config")
            ).strip()
            or None,
            split=split.text_input("Split", text_of("hub_split", "train"), key="hub_split").strip() or "train",
            revision=revision.text_input(
                "Revision", placeholder="newest", key="hub_revision", value=text_of("hub_revision")
            ).strip()
            or None,
            rows=int(rows.number_input("Rows", 1, 1_000_000, value_of("hub_rows", 1_000), step=100, key="hub_rows")),
        )
        if is_submitted("Read", key="read_hub", icon=":material/cloud_download:"):
            st.session_state["hub_source"] = asdict(chosen)
    asked = st.session_state.get("hub_source")
    if not asked:
        st.caption("Rows are streamed; only the name is sent. Code in a repository is never run.")
        return None
    return Source(**asked)


def _size(path: Path) -> str:
    size = path.stat().st_size if path.is_file() else sum(one.stat().st_size for one in path.iterdir())
    return f"{size / 1e6:,.1f} MB" if size >= 1e6 else f"{size / 1e3:,.1f} kB"
