"""Which kind of question the answers in a table answer, in which columns: as the source tells, or as the cells look."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from core.importers.columns import ColumnGuess, guess_columns, is_called_label
from core.importers.long_shape import says_who
from core.importers.prose import is_prose, is_written
from core.importers.ranking_cells import MOST_CANDIDATES, ranked_columns
from core.importers.scale_cells import scales
from core.importers.set_cells import several
from core.model import AnswerColumn, QuestionKind, TableData

_SAMPLE = 4_000
_OFFERED = frozenset(
    {"response", "answer", "output", "completion", "candidate", "generation", "reply", "summary", "model", "option"}
)
_SIDE = re.compile(r"(.+?)[ _-]?([0-9]{1,2}|[a-i]|left|right)")
_COMPARED = (QuestionKind.PREFERENCE, QuestionKind.RANKING)
_ASKED = frozenset({"instruction", "prompt", "question", "query", "request"})
_MODEL = re.compile(r"gpt|llama|claude|gemini|mistral|qwen|bert|llm|lm\d|(?:^|[^a-z])model|predict")
_WRITTEN = re.compile(
    r"summar|translat|correct(?:ed|ion)|rewrit|rewrote|paraphras|simplif|transcri|response|completion|output|target"
    r"|reference|answer|caption|abstract|highlights|reply|(?:^|[^a-z])(?:mt|hyp|post ?edit|pe)(?:$|[^a-z])"
)
"""How columns are called that hold what somebody wrote about an item."""
_MOST_NAMED = 3
_MOSTLY = 0.95

FIRST, TIE, SECOND = "First is better", "Tie", "Second is better"
_VERDICTS: Mapping[str, str] = {
    **dict.fromkeys(("1", "a", "first", "left", "model_a", "response1", "response_a", "a is better"), FIRST),
    **dict.fromkeys(("2", "b", "second", "right", "model_b", "response2", "response_b", "b is better"), SECOND),
    **dict.fromkeys(("0", "tie", "equal", "same", "both", "draw", "neither", "tie (bothbad)", "c"), TIE),
    **{name.casefold(): name for name in (FIRST, TIE, SECOND, "First is much better", "Second is much better")},
}


@dataclass(frozen=True)
class Recognised:
    """`kind` by its value; `columns` are proposed columns for text, answers, id and annotator; `candidates` those that
    are compared; `about` one sentence on what was seen, nothing where there is nothing to say."""

    kind: QuestionKind
    columns: ColumnGuess
    candidates: tuple[str, ...] = ()
    about: str = ""

    @property
    def models(self) -> tuple[str, ...]:
        """The answer columns that are called like a model."""
        return tuple(name for name in self.columns.labels if _MODEL.search(name.casefold()))


def recognise(table: TableData) -> Recognised:
    """What the source tells goes before what the cells look like; the plainest kind is one label each. Where no column
    has texts, what is labelled are the files."""
    found = _recognised(table)
    files = [name for name in table.columns if _holds_files(table, name)]
    text = found.columns.text
    has_text = any(name not in files and is_prose(_sample(table, name)) for name in text)
    if not files or has_text:
        return found
    taken = {*found.columns.labels, found.columns.id, found.columns.annotator}
    return replace(found, columns=replace(found.columns, text=tuple(one for one in files if one not in taken)[:1]))


def can_be_asked(answer: AnswerColumn, table: TableData) -> bool:
    """Whether all that it compares is in the table."""
    compared = [name for name in answer.candidates if name in table.columns]
    return answer.kind not in _COMPARED or len(compared) == max(2, len(answer.candidates))


def _holds_files(table: TableData, name: str) -> bool:
    cells = [cell for cell in _sample(table, name) if cell]
    return bool(cells) and all(cell.startswith("media:") and len(cell) < 80 for cell in cells)


def _recognised(table: TableData) -> Recognised:
    told = [one for one in table.answers if one.kind in set(QuestionKind) and can_be_asked(one, table)]
    offered = _offered(table)
    candidates = next((one.candidates for one in told if one.kind in _COMPARED), ())
    candidates = candidates or (offered if len(offered) == 2 else ())
    ranked = None if told else ranked_columns(table, offered)
    candidates = ranked[1] if ranked else candidates
    # More than can be compared are still no texts to ask about.
    guess = guess_columns(table, leave_out=candidates or (offered if len(offered) > MOST_CANDIDATES else ()))
    is_other = told and not {one.name for one in told}.intersection(guess.labels)
    if told and (told[0].kind != QuestionKind.SINGLE_LABEL or is_other):
        first = told[0]
        kind = QuestionKind(first.kind)
        about = ""
        others = [one.name for one in table.answers if one.name != first.name]
        if others:
            named = ", ".join(f"“{name}”" for name in others[:_MOST_NAMED]) + (" …" if others[_MOST_NAMED:] else "")
            about = f"The first question is “{first.name}”; {named} can be chosen instead, or asked further."
        labels: tuple[str, ...] = (first.name,)
        guess = replace(guess, text=(first.text,)) if first.text else guess
        chosen = first.candidates if kind in _COMPARED else ()
        return Recognised(kind, _with(guess, table, labels), chosen, about)
    if ranked:
        listed = ", ".join(f"“{name}”" for name in candidates)
        about = f"“{ranked[0][0]}” puts {len(candidates)} columns in order: {listed}."
        who = guess.annotator or next(filter(says_who, table.columns), None)
        asked = replace(guess, text=_request(table) or guess.text, annotator=who)
        columns = _with(asked, table, ranked[0])
        return Recognised(QuestionKind.RANKING, columns, candidates, about)
    if guess.spans:
        labels = guess.spans[:1]
        return Recognised(
            QuestionKind.SPANS, _with(guess, table, labels), (), f"“{labels[0]}” contains places in the text (spans)."
        )
    if len(candidates) == 2 and (judged := _judged(table)):
        about = (
            f"“{candidates[0]}” and “{candidates[1]}” are compared; each of the chosen columns says which is better."
        )
        columns = _with(replace(guess, text=_request(table) or guess.text), table, judged)
        return Recognised(QuestionKind.PREFERENCE, columns, candidates, about)
    found = _of_sets(table, guess) or _of_levels(table, guess) or _of_texts(table, guess)
    return found or Recognised(QuestionKind.SINGLE_LABEL, guess)


def _of_levels(table: TableData, guess: ColumnGuess) -> Recognised | None:
    """Columns of a scale, where no other column is called as labels are."""
    taken = {*guess.text, *filter(None, (guess.id, guess.annotator))}
    rated = scales(table, taken)
    if not rated or any(name not in rated and is_called_label(name) for name in guess.labels):
        return None
    about = f"“{rated[0]}” contains a few consecutive whole numbers, which look like the levels of a rating."
    return Recognised(QuestionKind.RATING, _with(guess, table, rated), (), about)


def verdicts(spellings: Sequence[str]) -> dict[str, str]:
    """Which outcome each of these words for a verdict means; those that mean none are left out."""
    return {one: _VERDICTS[one.strip().casefold()] for one in spellings if one.strip().casefold() in _VERDICTS}


def _with(guess: ColumnGuess, table: TableData, labels: tuple[str, ...]) -> ColumnGuess:
    """The guess with these label columns, and with the column of annotators that tools' exports have."""
    told = (name for name in table.columns if table.answers and says_who(name))
    annotator = guess.annotator or next(told, None)
    identity = guess.id if guess.id not in labels else None
    text = tuple(name for name in guess.text if name not in labels)
    return ColumnGuess(text, labels, identity, annotator if annotator not in labels else None, guess.spans)


def _sample(table: TableData, name: str) -> list[str]:
    place = table.columns.index(name)
    return [row[place].strip() for row in table.rows[:: len(table.rows) // _SAMPLE + 1]]


def _offered(table: TableData) -> tuple[str, ...]:
    """Columns of prose that are called as several answers to one request."""
    sides: dict[str, list[str]] = {}
    for name in table.columns:
        found = _SIDE.fullmatch(name.casefold())
        if found is not None and found[1].strip(" _-") in _OFFERED:
            sides.setdefault(found[1].strip(" _-"), []).append(name)
    several = (tuple(names) for names in sides.values() if len(names) > 1)
    return next((names for names in several if all(is_prose(_sample(table, name)) for name in names)), ())


def _request(table: TableData) -> tuple[str, ...]:
    """The columns with what both candidates answer: an instruction, with its input where it has one of its own."""
    asked = next((name for name in table.columns if name.casefold() in _ASKED), None)
    inputs = [name for name in table.columns if name.casefold() == "input"]
    return (asked, *inputs) if asked else ()


def _judged(table: TableData) -> tuple[str, ...]:
    """The columns nearly all of whose cells are verdicts, on either side: a model's may be none at times."""
    found = []
    for name in table.columns:
        spoken = [cell.casefold() for cell in _sample(table, name) if cell]
        said = [_VERDICTS[cell] for cell in spoken if cell in _VERDICTS]
        if said and len(said) >= _MOSTLY * len(spoken) and {*said} >= {FIRST, SECOND}:
            found.append(name)
    return tuple(found)


def _of_texts(table: TableData, guess: ColumnGuess) -> Recognised | None:
    """Where nothing looks like labels: the columns that are called as what somebody wrote and hold prose that is hardly
    ever the same twice."""
    if guess.labels:
        return None
    free = [name for name in table.columns if name not in (guess.id, guess.annotator)]
    prose = [name for name in free if is_prose(_sample(table, name))]
    called = [name for name in prose if _WRITTEN.search(name.casefold().replace("_", " "))]
    # What was written may be longer than what it was written about, and is then guessed to be the text.
    about = next((name for name in prose if name not in called), None)
    if about is not None and guess.text and guess.text[0] in called:
        guess = replace(guess, text=(about,))
    written = [name for name in called if name not in guess.text and is_written(_sample(table, name))]
    if not written:
        return None
    named = " and ".join(f"“{name}”" for name in written[:2])
    seen = f"{named} {'has' if len(written) == 1 else 'have'} a text of its own in nearly every row: free text."
    return Recognised(QuestionKind.TEXT, _with(guess, table, tuple(written[:2])), (), seen)


def _of_sets(table: TableData, guess: ColumnGuess) -> Recognised | None:
    """A column with several labels a cell; chosen label columns are looked at first."""
    taken = {*guess.text, guess.id, guess.annotator}
    for name in (*guess.labels, *(one for one in table.columns if one not in guess.labels and one not in taken)):
        parts = several(_sample(table, name), is_named=name in guess.labels or is_called_label(name))
        if not parts:
            continue
        more = [one for one in parts if len(one) > 1]
        single, combined = len({part for one in parts for part in one}), len(set(map(tuple, parts)))
        about = (
            f"In “{name}”, {len(more):,} of {len(parts):,} labelled rows have more than one label, such as "
            f"“{', '.join(more[0])}”: {single:,} labels in {combined:,} combinations."
        )
        labels = guess.labels if name in guess.labels else (name,)
        return Recognised(QuestionKind.SEVERAL_LABELS, _with(guess, table, labels), (), about)
    return None
