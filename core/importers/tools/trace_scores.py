"""What people, users and evaluators said of a generation in a log: scores and feedback become annotations."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any, NamedTuple

from core.importers.answer_kinds import Kind
from core.importers.tools.chat import CONVERSATION
from core.importers.tools.gathered import ANNOTATOR, Gathered, Record, is_whole, person

USER, EVALUATOR = "user feedback", "model evaluator"
_FEEDBACK = ("feedback", "user_feedback", "userFeedback", "thumbs", "rating", "annotations", "evaluations")


class Score(NamedTuple):
    """Who says what to which question; a comment has no place."""

    who: str
    name: str
    value: Any
    has_comment: bool = False


def scores_of(record: Mapping[str, Any]) -> Iterator[Score]:
    """Langfuse's scores, by object or by name, and feedback under the names in use."""
    held = record.get("scores")
    if isinstance(held, Mapping):
        for name, value in held.items():
            yield Score(USER, str(name), value[0] if isinstance(value, list) and value else value)
    for one in held if isinstance(held, list) else ():
        if isinstance(one, Mapping):
            yield _score(one, "score")
    for name in _FEEDBACK:
        yield from _feedback(name, record.get(name))


def _feedback(name: str, held: Any) -> Iterator[Score]:
    if isinstance(held, list):
        for one in held:
            yield from _feedback(name, one)
    elif isinstance(held, Mapping):
        yield _score(held, name)
    elif held is not None and held != "":
        yield Score(USER, name, held)


def _score(one: Mapping[str, Any], called: str) -> Score:
    """In the words of Langfuse, LangSmith, Phoenix or OpenTelemetry."""
    result = one.get("result")
    held = {**one, **(result if isinstance(result, Mapping) else {})}
    name = next(
        (held[key] for key in ("name", "key", "gen_ai.evaluation.name") if isinstance(held.get(key), str)), called
    )
    keys = ("stringValue", "string_value", "label", "gen_ai.evaluation.score.label", "value", "score", "rating")
    value = next((held[key] for key in (*keys, "gen_ai.evaluation.score.value") if _says(held.get(key))), None)
    comment = any(_says(held.get(key)) for key in ("comment", "explanation", "gen_ai.evaluation.explanation"))
    return Score(_who(held), name, value, comment)


def _says(value: Any) -> bool:
    return value is not None and value != "" and not isinstance(value, Mapping | list)


def _who(held: Mapping[str, Any]) -> str:
    source = str(held.get("source") or held.get("annotator_kind") or held.get("feedback_source") or "").upper()
    by = person(held.get("authorUserId") or held.get("author_user_id") or held.get("user_id"))
    if source in ("EVAL", "LLM", "CODE", "MODEL") or any(key.startswith("gen_ai.evaluation") for key in held):
        return EVALUATOR
    if source in ("ANNOTATION", "HUMAN"):
        return by or "annotator"
    return USER


def annotated(scores: list[Score], gathered: Gathered, facts: Collection[str]) -> dict[str, Record]:
    """What each says, by the name of the score, which is another where it is one of the item's `facts`. Whole numbers
    are levels, texts and truths labels, and so are levels beside those; what is none of them has no place."""
    said: dict[str, Record] = {}
    for one in scores:
        gathered.leave("comments on scores", one.has_comment)
        one = one._replace(name=_column(one.name, facts))
        value = _answer(one, gathered)
        if value is None:
            continue
        if one.who == EVALUATOR:
            gathered.models.add(one.who)
        by_name = said.setdefault(one.who, {})
        gathered.leave(f"earlier scores “{one.name}” by the same", one.name in by_name)
        by_name[one.name] = value
    return said


def _column(name: str, facts: Collection[str]) -> str:
    return f"score.{name}" if name in (CONVERSATION, ANNOTATOR, *facts) or name.startswith("metadata.") else name


def _answer(one: Score, gathered: Gathered) -> Any:
    value = one.value
    is_level = is_whole(value) or (isinstance(value, float) and value.is_integer())
    if is_level and gathered.kinds.get(one.name) != Kind.SINGLE_LABEL:
        gathered.kinds[one.name] = Kind.RATING
        return int(value)
    if is_level or isinstance(value, bool) or (isinstance(value, str) and value.strip()):
        gathered.kinds[one.name] = Kind.SINGLE_LABEL  # also where others gave levels: these are labels with them
        return gathered.choose(one.name, [int(value) if is_level else value])
    gathered.leave(f"scores “{one.name}” with decimals", isinstance(value, float))
    return None
