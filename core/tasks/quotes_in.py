"""The spans that a JSON answer quotes, in whatever shape models write them."""

from collections.abc import Mapping, Sequence

from core.tasks.json_in import UNREAD
from core.tasks.locating import Quote

_QUOTE = ("quote", "text", "span", "value", "word", "entity_text", "content", "phrase", "mention")
_LABEL = ("label", "type", "entity", "tag", "category", "class", "entity_type", "name")
_NUMBER = ("occurrence", "occurence", "index", "nth")
_LISTS = ("spans", "entities", "annotations", "labels", "marks", "answer", "output", "result", "quotes")
_COPIES = ("tagged_text", "tagged", "annotated_text", "marked_text", "text", "answer", "output", "result")


def quotes_in(values: Sequence[object]) -> list[Quote] | str | None:
    """The quotes, in order; the tagged copy of the text where one string is all there is; None where it is neither.

    Read are lists of `{"quote", "label", "occurrence"}` under any of the usual names, and `{label: [quote, ...]}`.
    """
    found: list[Quote] = []
    for value in values:
        if isinstance(value, tuple) and len(value) == 1 and isinstance(value[0][1], str) and value[0][0] in _COPIES:
            return str(value[0][1])
        own = _of(value)
        if own is None:
            return None
        found += own
    return found


def _of(value: object) -> list[Quote] | None:
    if isinstance(value, list):
        parts = [_one(part) if isinstance(part, tuple) else None for part in value]
        return None if None in parts else [part for part in parts if part is not None]
    if not isinstance(value, tuple):
        return None
    if (one := _one(value)) is not None:
        return [one]
    lists = [(str(key), held) for key, held in value if isinstance(held, list)]
    named = [held for key, held in lists if key.lower() in _LISTS]
    if len(named) == 1:
        return _of(named[0])
    if lists and all(isinstance(quote, str) for _, held in lists for quote in held):
        return [Quote(label, quote) for label, held in lists for quote in held]
    return None


def _one(pairs: tuple[object, ...]) -> Quote | None:
    if len(pairs) < 2:
        return None
    held = {str(pair[0]).lower(): pair[1] for pair in pairs if isinstance(pair, tuple) and pair[1] is not UNREAD}
    quote, label = _first_text(held, _QUOTE), _first_text(held, _LABEL)
    if quote is None or label is None:
        return None
    number = next((held[key] for key in _NUMBER if key in held), None)
    try:
        return Quote(label, quote, None if number is None else int(str(number)))
    except ValueError:
        return Quote(label, quote)


def _first_text(held: Mapping[str, object], keys: Sequence[str]) -> str | None:
    for key in keys:
        value = held.get(key)
        if isinstance(value, str):
            return str(value)
    return None
