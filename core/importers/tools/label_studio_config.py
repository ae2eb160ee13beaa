"""The labelling configuration of Label Studio: which control asks what, with which labels, of which fields."""

from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

from core.importers.answer_kinds import Kind
from core.importers.tools.gathered import Gathered
from core.importers.tools.levels import note_levels
from core.text import whole_in

_LONGEST = 2_000_000
_KINDS: dict[str, str] = {
    "choices": Kind.SINGLE_LABEL,
    "taxonomy": Kind.SINGLE_LABEL,
    "labels": Kind.SPANS,
    "hypertextlabels": Kind.SPANS,
    "rating": Kind.RATING,
    "pairwise": Kind.PREFERENCE,
    "textarea": Kind.TEXT,
}
_OBJECTS = frozenset({"text", "hypertext", "paragraphs", "image", "audio", "video"})


def read_config(export: Path, gathered: Gathered) -> None:
    """Adds the questions of the configuration that lies next to the export, under its name or a usual one; what cannot
    be read is said and left."""
    found = next((path for path in _places(export) if path.is_file()), None)
    if found is None:
        return
    try:
        text = found.read_text(encoding="utf-8")
        if len(text) > _LONGEST or "<!DOCTYPE" in text or "<!ENTITY" in text:
            raise ValueError("it is no labelling configuration")
        root = ElementTree.fromstring(text, _with_comments())
    except (OSError, ValueError, ElementTree.ParseError) as error:
        gathered.notes.append(f"The configuration {found.name} was not used: {str(error)[:100]}.")
        return
    elements = [one for one in root.iter() if isinstance(one.tag, str)]
    names = [_control(element, root, gathered) for element in elements if element.tag.lower() in _KINDS]
    for element in elements:
        if element.get("visibleWhen") == "choice-selected" and element.get("whenTagName"):
            _hanging(element, gathered)
    gathered.notes.append(f"Questions and labels are from the configuration {found.name}.") if any(names) else None


def _hanging(view: ElementTree.Element, gathered: Gathered) -> None:
    """What is asked only where another control has one of some choices."""
    labels = frozenset(filter(None, map(str.strip, view.get("whenChoiceValue", "").split(","))))
    for element in view.iter():
        if isinstance(element.tag, str) and element.tag.lower() in _KINDS and element.get("name"):
            gathered.hangs[element.get("name", "")] = (view.get("whenTagName", ""), labels)


def _with_comments() -> ElementTree.XMLParser:
    """Our own configurations say in a comment what levels count."""
    return ElementTree.XMLParser(target=ElementTree.TreeBuilder(insert_comments=True))


def _places(export: Path) -> Iterator[Path]:
    yield export.with_suffix(".xml")
    yield from (export.with_name(name) for name in ("config.xml", "label_config.xml", "labeling_config.xml"))


def _control(element: ElementTree.Element, root: ElementTree.Element, gathered: Gathered) -> str:
    """One control: its kind, its labels in their order, the fields it compares."""
    name, tag = element.get("name", ""), element.tag.lower()
    if not name or element.get("perRegion", "").lower() == "true":
        return ""
    gathered.kinds.setdefault(name, _KINDS[tag])
    if element.get("choice", "").startswith("multiple") or tag == "taxonomy":
        gathered.several.add(name)
    labels = [one.get("value") or one.get("alias") for one in element.iter() if one.tag in ("Choice", "Label")]
    gathered.labels[name] = tuple(label for label in dict.fromkeys(labels) if label)
    for one in element.iter():
        if not isinstance(one.tag, str):  # a comment
            note_levels(gathered, name, one.text or "", gathered.labels[name])
    if tag == "rating":
        most = whole_in(element.get("maxRating", "5"))
        gathered.labels[name] = tuple(map(str, range(1, most + 1))) if most is not None and most < 101 else ()
    if tag == "pairwise":
        fields = {
            one.get("name"): (one.get("value") or "").lstrip("$") for one in root.iter() if one.tag.lower() in _OBJECTS
        }
        compared = [fields.get(part.strip(), "") for part in element.get("toName", "").split(",")]
        gathered.candidates[name] = tuple(filter(None, compared))
    return name
