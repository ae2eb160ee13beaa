"""What is to be known before pictures or sound are sent: which items will fail, what is not masked, who may not see."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from core.content import MEDIA, PICTURES, SOUNDS, media_in
from core.errors import WorkbenchError
from core.hosts.profiles import EMBEDDED
from core.media import MediaStore, parse_reference
from core.model import FieldShow, Item
from core.plural import count
from core.prompts import variables_in
from core.prompts.talk import field_of, is_messages, messages_in
from core.services.asking.frozen import masking_of, shows_of
from core.services.asking.requests import GridCell, RunRequest
from core.services.common.lookup import project_of
from core.storage import items
from core.storage.engine import Connection

MOST_LOOKED_AT = 20_000
LARGEST, LARGEST_EMBEDDED = 20 * 2**20, 5 * 2**20
"""Bytes of one file that hosts take, by rule of thumb; the embedded host takes 8 MB a request, in base64."""
_PAGE = 2000
_SEES = re.compile(
    r"gpt-?(?:4o|4\.1|[5-9])|\bo[34]\b|claude|gemini|pixtral|mistral-(?:small|medium|large)|llava|vision|\bvl\b|[-_]vl|vlm"
    r"|llama-?4|gemma-?[3-9]|minicpm-[vo]|internvl|moondream|phi-?(?:3\.5-vision|4-multimodal)|omni|molmo|ft:",
    re.IGNORECASE,
)


def media_notes(conn: Connection, request: RunRequest, cells: Sequence[GridCell], store: MediaStore) -> tuple[str, ...]:
    """A sentence each; none where no prompt shows a picture or sound, as a field or in the messages of one."""
    shown = {name for cell in cells for name, show in shows_of(cell.config).items() if show.is_file}
    named = {name for cell in cells for name in variables_in(cell.config["system"], cell.config["user"])}
    talks = {field_of(name) for name in named if is_messages(name)}
    told = _conversations(conn, request) & named - talks
    if not shown and not talks and not told:
        return ()
    largest = LARGEST_EMBEDDED if any(cell.ref.host == EMBEDDED.key for cell in cells) else LARGEST
    looked = _items(conn, request, _Looked(shown, talks, told), store, largest)
    if not shown and not looked.sends:
        return tuple(looked.notes)
    notes = [*looked.notes, *dict.fromkeys(filter(None, map(_about_model, cells)))]
    if any(masking_of(cell.config) for cell in cells):
        notes.append("Text is masked as set on Hosts; what is on a picture or said in a sound is not.")
    return tuple(notes)


def _about_model(cell: GridCell) -> str:
    model = cell.ref.model
    if cell.ref.host == EMBEDDED.key:
        if model.startswith("ft:"):
            return ""
        return f"{model} has not learned to see, so these calls fail: fine-tune it on labelled pictures first."
    return "" if _SEES.search(model) else f"{model} may not take pictures or sound: try it on a few items first."


def _conversations(conn: Connection, request: RunRequest) -> set[str]:
    layout = project_of(conn, request.project_id).layout
    return {one.name or "text" for one in layout if one.show is FieldShow.CONVERSATION}


@dataclass
class _Looked:
    """What was found in items: the fields that are `shown`, the conversations that are sent as messages (`talks`) and
    those that are `told` as transcripts. `sends`: whether a message with a picture or sound is among what is sent."""

    shown: set[str]
    talks: set[str]
    told: set[str]
    sends: bool = False
    notes: list[str] = field(default_factory=list)


def _items(conn: Connection, request: RunRequest, looked: _Looked, store: MediaStore, largest: int) -> _Looked:
    """How many items have a file that will be refused, or none, by what is wrong; of the first 20,000 of the split."""
    wrong: dict[str, int] = {}
    after = looked_at = 0
    where = items.ItemFilter(split=request.split, upload_id=request.upload_id)
    while looked_at < MOST_LOOKED_AT and (
        page := items.page(conn, request.project_id, where, after=after, limit=_PAGE)
    ):
        after, looked_at = page[-1].id, looked_at + len(page)
        for item in page:
            sent = [one for talk in _values(item, looked.talks) for one in _sent_in(talk)]
            looked.sends = looked.sends or bool(sent)
            found = {_wrong(value, store, largest) for value in (*_values(item, looked.shown), *sent)} - {""}
            if any(_sent_in(talk) for talk in _values(item, looked.told)):
                found.add("told")
            for what in found:
                wrong[what] = wrong.get(what, 0) + 1
    looked.notes += [
        _TOLD[what].format(items=count(number, "item"), most=largest // 2**20) for what, number in wrong.items()
    ]
    return looked


def _sent_in(conversation: str) -> list[str]:
    """The references in what users say, which goes to a model; nobody else can show it a file."""
    messages = messages_in(conversation) if MEDIA in conversation else []
    return [part.reference for part in media_in(messages)]


_TOLD: Mapping[str, str] = {
    "told": "The pictures and sounds in the conversations of {items} are not sent: a transcript only names them. Write "
    "{{{{messages:…}}}} in the user message to send them.",
    "none": "Something else than a file stands where the prompt shows one in {items}, which will fail.",
    "without": "The file that the prompt shows is not there in {items}, which will be asked without it.",
    "missing": "The files of {items} are missing: restore the media folder, or import them again.",
    "format": "Models do not take the files of {items}: convert pictures to PNG or JPEG, sound to WAV or MP3.",
    "size": "The files of {items} are larger than {most} MB, which hosts refuse: make them smaller.",
}


def _values(item: Item, shown: set[str]) -> list[str]:
    return [item.text if name == "text" else item.fields.get(name, "") for name in shown]


def _wrong(value: str, store: MediaStore, largest: int) -> str:
    if not value:
        return "without"
    reference = parse_reference(value)
    if reference is None:
        return "none"
    if reference.extension not in (*PICTURES, *SOUNDS):
        return "format"
    try:
        return "size" if store.path(reference).stat().st_size > largest else ""
    except (WorkbenchError, OSError):
        return "missing"
