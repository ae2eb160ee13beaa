"""The prices as a table: which rows it has, and what becomes of what is typed over their numbers."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import isfinite, nan

from core.errors import WorkbenchError
from core.model import Host, Price
from core.services.common.door import door
from core.services.hosts.connections import Hosts
from core.services.hosts.prices import PriceRow, Prices

NUMBERS = {
    "input": "Input",
    "cached_input": "Cached",
    "output": "Output",
    "batch_factor": "Batch ×",
    "training": "Training",
}
"""The numbers of a price, and what each is called."""
_MAYBE_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2},\d{3}")
_NOTHING_KEPT = "No change to this row was saved."


@door
class PriceTable:
    """What is typed becomes the user's price as a whole: a later import changes none of it by half."""

    def __init__(self, hosts: Hosts, prices: Prices) -> None:
        self._hosts, self._prices = hosts, prices

    def find(self, hosts: Sequence[Host], search: str) -> list[PriceRow]:
        """Models in use first, then the others in alphabetical order; those whose name holds all words of the search.

        Models in use that cost nothing are left out.
        """
        words = search.casefold().split()
        in_use = self._prices.in_use()
        rows: list[PriceRow] = []
        for host in hosts:
            used = [self._prices.row(host, model) for key, model in sorted(in_use) if key == host.key]
            seen = {row.model for row in used}
            rows += [row for row in used if not row.is_own_hardware]
            rows += [row for row in self._prices.rows(host) if row.model not in seen]
        matching = [row for row in rows if all(word in row.model.casefold() for word in words)]
        return sorted(matching, key=lambda row: (row.host, row.model) not in in_use)

    def known_models(self, host_key: str) -> list[str]:
        """Names to choose from without asking the host: models in use, those it listed last, those with a price."""
        in_use = sorted(model for key, model in self._prices.in_use() if key == host_key)
        priced = [row.model for row in self._prices.rows(self._hosts.get(host_key))]
        return list(dict.fromkeys([*in_use, *self._hosts.listed(host_key), *priced]))

    def type_over(self, host_key: str, model: str, texts: Mapping[str, str]) -> None:
        """Keep what was typed over numbers of this model, by their names. Nothing is kept where all is as it was.

        Raises `WorkbenchError` for what is no price; then nothing of it is kept.
        """
        numbers = {name: read_number(text, NUMBERS[name]) for name, text in texts.items() if name in NUMBERS}
        present = self._present(host_key, model)
        if any(number != getattr(present, name) for name, number in numbers.items()):
            self._prices.set(host_key, model, _with(present, numbers))

    def put(self, host_key: str, model: str, numbers: Mapping[str, float | None]) -> None:
        """The user's price: these numbers, and what is known of the others. Raises `WorkbenchError` as `type_over`."""
        self._prices.set(host_key, model, _with(self._present(host_key, model), numbers))

    def _present(self, host_key: str, model: str) -> Price:
        """What is known of it; that own hardware costs nothing is no price to begin with."""
        row = self._prices.row(self._hosts.get(host_key), model.strip())
        return Price() if row.price is None or row.is_own_hardware else row.price


def _with(price: Price, numbers: Mapping[str, float | None]) -> Price:
    """The price with these in place of its own numbers; None makes one unknown."""
    named = {name: numbers[name] for name in NUMBERS if name in numbers}
    given = {name: None if value is None else float(value) for name, value in named.items()}
    return replace(price, source="", **given)


def read_number(text: str, title: str) -> float | None:
    """The number somebody typed under this title; None where nothing was.

    A comma is a decimal one, but for one that may as well part thousands. Raises `WorkbenchError` for that one, which
    has to be asked for again, and for what is no number.
    """
    written = text.strip().removeprefix("$").strip()
    if not written:
        return None
    if _MAYBE_THOUSANDS.fullmatch(written):
        both = f"{written.replace(',', '')} or {written.replace(',', '.')}"
        raise WorkbenchError(
            f"“{text.strip()}” under {title} can be {both}.", f"Write it without the comma. {_NOTHING_KEPT}"
        )
    try:
        number = nan if "_" in written else float(written.replace(",", "."))
    except ValueError:
        number = nan
    if not isfinite(number):
        raise WorkbenchError(f"“{text.strip()}” under {title} is not a number.", _NOTHING_KEPT)
    return number
