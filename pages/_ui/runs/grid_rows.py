"""The runs of a grid as the rows of a table."""

from core.services.runs.side_by_side import GridResult
from pages._ui.runs.words import seconds_or_ms, status_of
from pages._ui.words.cost import about, right_labels
from pages._ui.words.figures import interval, number
from pages._ui.words.money import dollars
from pages._ui.words.table import Cell, Heading


def headings(measure: str) -> tuple[Heading, ...]:
    """`measure` is what the figures are."""
    return (
        Heading("Run", width="4rem"),
        Heading("Model"),
        Heading("Prompt"),
        Heading("Labelled"),
        Heading(measure, right=True),
        Heading("Items", "Items that this figure is on", right=True),
        Heading("Cost", right=True),
        Heading("1,000 right", "Dollars per 1,000 right labels", right=True),
        Heading("Median", "Half answered within", right=True),
        Heading("Tokens", right=True),
    )


def grid_row(cell: GridResult) -> list[Cell]:
    """One model with one prompt; what is not known is a dash."""
    return [
        Cell(str(cell.run.number), color=cell.annotator.color),
        Cell(cell.model),
        Cell(cell.prompt or "–"),
        Cell(_labelled(cell)),
        _accuracy(cell),
        Cell(f"{cell.accuracy.n:,}"),
        Cell("free" if cell.is_free else dollars(cell.cost.dollars)),
        Cell(_right(cell)),
        Cell("–" if cell.seconds is None else seconds_or_ms(cell.seconds)),
        Cell(about(cell.tokens) if cell.tokens else "–"),
    ]


def _accuracy(cell: GridResult) -> Cell:
    return Cell(number(cell.accuracy.value), interval(cell.accuracy), "other items" if cell.apart else "")


def _labelled(cell: GridResult) -> str:
    """`12`, `5 of 12, paused`: how it stands is said where it is not simply done."""
    far = f"{cell.labelled:,}" if cell.labelled == cell.chosen else f"{cell.labelled:,} of {cell.chosen:,}"
    stands = status_of(cell.run)
    return far if stands == "done" else f"{far}, {stands}"


def _right(cell: GridResult) -> str:
    if cell.is_free and not cell.cost.is_all_from_cache:
        return "free"
    return right_labels(cell.cost)
