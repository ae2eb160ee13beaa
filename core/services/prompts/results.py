"""What is known of the prompt versions: their accuracy on validation, on the items that all of them have labelled."""

from dataclasses import dataclass

from core.model import Annotator, AnnotatorKind, Estimate, PromptVersion, Split
from core.services.common import same_rows
from core.services.common.lookup import project_of
from core.services.common.tables import headline, headline_of, source_of
from core.services.common.titles import titled
from core.storage import prompt_versions
from core.storage.engine import Connection

_ITSELF = "it is the reference itself"


@dataclass(frozen=True)
class KnownResult:
    """A prompt version's score on the validation split with one model: `measure`, the headline of the kind of question.

    On the items that all of them have labelled, unless it is `apart`: then it labelled too few of those, and the
    figure, on its own items, stands beside the others without being comparable.
    """

    version: PromptVersion
    annotator: Annotator
    score: Estimate
    measure: str
    apart: bool = False


def known_results(conn: Connection, project_id: int) -> tuple[list[KnownResult], list[str]]:
    """Against the project's reference, nothing without one; and which is best, how far that is to be trusted, and what
    is left out, in sentences."""
    reference = project_of(conn, project_id).reference_id
    if reference is None:
        return [], []
    versions = {version.id: version for version in prompt_versions.versions(conn, project_id)}
    asked = {
        one.id: versions[one.prompt_version_id]
        for one in titled(conn, project_id).values()
        if one.kind is AnnotatorKind.MODEL and one.prompt_version_id in versions
    }
    models = [one for one in titled(conn, project_id).values() if one.id in asked]
    rows = same_rows.of_annotators(conn, project_id, reference, models, Split.VALIDATION)
    return [_result(conn, reference, asked[one.id], one, rows) for one in models], rows.sentences()


def _result(
    conn: Connection, reference: int, version: PromptVersion, model: Annotator, rows: same_rows.SameRows
) -> KnownResult:
    project_id = model.project_id
    measure = headline(conn, project_id)
    if model.id == reference:
        return KnownResult(version, model, Estimate(None, 0, undefined=_ITSELF), measure.title)
    on_same_rows = rows.score(model.id)
    if on_same_rows is None:
        own = headline_of(conn, project_id, source_of(conn, project_id, reference, model.id, Split.VALIDATION))
        return KnownResult(version, model, own, measure.title, apart=own.value is not None)
    if measure.key != same_rows.SCORE:
        said = source_of(conn, project_id, reference, model.id, Split.VALIDATION, rows.compared, rows.but)
        on_same_rows = headline_of(conn, project_id, said)
    return KnownResult(version, model, on_same_rows, measure.title)
