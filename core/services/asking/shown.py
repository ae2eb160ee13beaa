"""How the variables of a prompt are shown to a model, as the project's layout has it."""

from collections.abc import Sequence

from core.model import TEXT_FIELD, FieldLayout, FieldShow
from core.prompts import variables_in
from core.prompts.talk import field_of

NOT_AS_TEXT = frozenset(FieldShow) - {FieldShow.TEXT, FieldShow.LINK}
"""A link is sent as the address that it is."""


def shows_in(layout: Sequence[FieldLayout], *templates: str) -> dict[str, FieldShow]:
    """How the variables that templates name are shown, as far as that is not as text: `text` is the item's own."""
    shown = {one.name if one.name != TEXT_FIELD else "text": one.show for one in layout if one.show in NOT_AS_TEXT}
    return {name: shown[field_of(name)] for name in variables_in(*templates) if field_of(name) in shown}
