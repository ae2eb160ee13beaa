"""Several models are compared on the items all of them have labelled, and nothing else is called best."""

import pytest
from sqlalchemy import Engine, event

from core.model import AnnotatorKind, Split
from core.services.common.lookup import ensure_annotator
from core.services.common.same_rows import of_annotators, ranked, same_values
from core.services.common.titles import titled_of
from core.storage import same_rows, tasks
from core.storage.annotations import NewAnnotation
from tests.fakes import saying
from tests.fakes.worlds import make_project


@pytest.fixture
def project(workbench):
    """300 items, 60 of them for validation."""
    return make_project(workbench, 300, "Larger")


def model(project, name, *, items, wrong=()):
    """A model of the project's prompt that labels these places of the validation items, those in `wrong` wrongly."""
    wb, chosen = project.wb, list(project.items(Split.VALIDATION))
    with wb.db.write() as conn:
        one = ensure_annotator(
            conn, project.id, AnnotatorKind.MODEL, name, host="h", model=name, prompt_version_id=project.version_id
        )
        truth = saying.label_ids_of(conn, project.gold)
        other = dict(zip(sorted(set(truth.values())), sorted(set(truth.values()), reverse=True), strict=True))
        saying.append(
            conn,
            [
                NewAnnotation(
                    chosen[place], one, other[truth[chosen[place]]] if place in wrong else truth[chosen[place]]
                )
                for place in items
            ],
        )
    return one


def patterns(project, who, split=Split.VALIDATION):
    with project.wb.db.read() as conn:
        same = same_values(conn, project.id)
        return sorted(same_rows.of_annotators(conn, project.gold, who, split, same))


def test_items_are_counted_by_who_labelled_and_who_was_right(project):
    one = model(project, "one", items=range(40), wrong=range(5))
    two = model(project, "two", items=range(20, 60), wrong=range(30, 33))
    # 0-4 one wrong, 5-19 one right, 20-39 both (three of them two wrong), 40-59 two right
    assert patterns(project, [one, two]) == [(1, 0, 5), (1, 1, 15), (2, 2, 20), (3, 1, 3), (3, 3, 17)]
    assert patterns(project, [two, one], None) == [(1, 1, 20), (2, 0, 5), (2, 2, 15), (3, 2, 3), (3, 3, 17)]
    assert patterns(project, [one], Split.TEST) == []


def test_more_candidates_than_one_number_holds_bits(project):
    one = model(project, "one", items=range(10))
    nobody = list(range(1_000, 1_064))
    assert patterns(project, [*nobody, one]) == [(1 << 64, 1 << 64, 10)]


def test_a_label_that_was_merged_away_counts_as_the_one_it_was_merged_into(project, workbench):
    sports, politics = (label.id for label in workbench.tasks.get(project.id).labels)
    with workbench.db.write() as conn:
        tasks.archive_label(conn, sports, merged_into=politics)
        ids = saying.value_ids(conn, project.id)
        assert same_values(conn, project.id) == {ids[sports]: ids[politics]}
    one = model(project, "one", items=range(10), wrong=range(10))
    assert patterns(project, [one]) == [(1, 1, 10)]


@pytest.mark.parametrize("split", [None, Split.VALIDATION, Split.TEST])
@pytest.mark.parametrize("merged", [False, True])
def test_one_candidate_is_counted_from_its_figures_as_it_is_by_itself(project, workbench, split, merged):
    one = model(project, "one", items=range(5, 40), wrong=range(12))
    taken_back = list(project.items(Split.VALIDATION))[20:24]
    with workbench.db.write() as conn:
        saying.append(conn, [NewAnnotation(item, one, None) for item in taken_back])
        if merged:
            sports, politics = (label.id for label in workbench.tasks.get(project.id).labels)
            tasks.archive_label(conn, sports, merged_into=politics)
    with workbench.db.read() as conn:
        candidates = [titled_of(conn, one)]
        found = of_annotators(conn, project.id, project.gold, candidates, split)
    assert found.ranking == ranked(candidates, patterns(project, [one], split), frozenset()).ranking


def test_what_each_of_two_said_is_read_once_for_all_their_figures(project, workbench):
    one = model(project, "one", items=range(60))
    scans = []

    def note(conn, cursor, statement, *_):
        is_scan = "FROM current r" in statement or "group_concat(c.value_id)" in statement
        scans.extend([statement] if is_scan else [])

    event.listen(Engine, "before_cursor_execute", note)
    try:
        workbench.agreement.view(project.id, project.gold, (one,), Split.VALIDATION)
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    assert len(scans) == 2


def test_agreement_shows_all_candidates_on_the_same_items_and_says_how_many_each_lacks(project, workbench):
    one = model(project, "one", items=range(60), wrong=range(10))
    two = model(project, "two", items=range(10, 60))
    probe = model(project, "probe", items=range(4))
    view = workbench.agreement.view(project.id, project.gold, (one, two, probe), Split.VALIDATION)
    assert [(found.n, found.missing, found.apart) for found in view.candidates] == [
        (50, 0, False),
        (50, 10, False),
        (4, 56, True),
    ]
    assert [found.figures["accuracy"].value for found in view.candidates] == [1.0, 1.0, 1.0]
    assert view.on_same_rows()[-1] == "probe labelled too few of the same items to be compared."
    assert {(row["candidate"], row["comparable"]) for row in view.rows()} == {
        ("one", "yes"),
        ("two", "yes"),
        ("probe", "no: on other items"),
    }
    alone = workbench.agreement.view(project.id, project.gold, (one,), Split.VALIDATION)
    assert alone.candidates[0].n == 60 and alone.on_same_rows() == []


def test_a_card_calls_no_probe_best_and_no_lucky_one_alone(project, workbench):
    large = model(project, "large", items=range(60), wrong=range(12))
    model(project, "probe", items=range(4))
    card = workbench.projects.card(project.id)
    assert (card.best[0].id, card.best[1].value, card.best[1].n) == (large, 0.8, 60)
    assert card.about == "accuracy against gold on 60 validation items"
    model(project, "other", items=range(50), wrong=range(11))
    card = workbench.projects.card(project.id)
    assert card.best[1].n == 50 and card.best[1].value < 39 / 50
    assert card.about.startswith(
        "highest, though not distinguishable from all others, of 2 models on the same 50 validation"
    )
    model(project, "hopeless", items=range(60), wrong=range(60))
    worse = workbench.projects.card(project.id)
    assert "of 3 models on the same 50 validation items against gold" in worse.about


def test_a_card_with_too_few_items_in_common_calls_none_best(workbench):
    small = make_project(workbench)
    model(small, "one", items=range(12)), model(small, "two", items=range(12), wrong=range(3))
    card = workbench.projects.card(small.id)
    assert card.best is None
    assert card.about == "2 models have labelled the same 12 validation items: too few to call one best"


def test_a_model_that_is_the_reference_is_no_candidate(project, workbench):
    one = model(project, "one", items=range(60), wrong=range(6))
    workbench.projects.set_reference(project.id, one)
    assert workbench.projects.card(project.id).best is None
    (result,) = workbench.prompts.known_results(project.id)
    assert result.score.undefined == "it is the reference itself"


def test_known_results_stand_on_the_same_items_and_say_so(project, workbench):
    good = model(project, "good", items=range(60), wrong=range(4))
    bad = model(project, "bad", items=range(55), wrong=range(2, 40))
    probe = model(project, "probe", items=range(4))
    by = {result.annotator.id: result for result in workbench.prompts.known_results(project.id)}
    assert [(by[one].score.n, by[one].apart) for one in (good, bad, probe)] == [(55, False), (55, False), (4, True)]
    assert by[good].score.value == 51 / 55
    said = workbench.prompts.results_in_words(project.id)
    assert said[0].startswith(
        "On the 55 items that all 2 have labelled, good scores highest: .93, corrected for having been"
    )
    assert "It is better than bad (McNemar mid-p, at 4 %)." in said[0]
    assert said[1:] == [
        "5 items that one of them has not labelled are left out.",
        "probe labelled too few of the same items to be compared.",
    ]


def test_the_file_of_labels_says_split_method_and_why_a_score_is_undefined(project, workbench):
    one = model(project, "one", items=range(60), wrong=range(60))
    view = workbench.agreement.view(project.id, project.gold, (one,), Split.VALIDATION)
    rows = {row["label"]: row for row in view.label_rows()}
    assert rows["SPORTS"]["split"] == "validation"
    assert (rows["SPORTS"]["precision"], rows["SPORTS"]["precision interval"]) == (0.0, "Wilson")
    assert rows["SPORTS"]["f1 interval"].startswith("Wilson, mapped from IoU")
    fallback = rows[workbench.tasks.get(project.id).fallback.name]
    assert fallback["recall"] is None and fallback["recall undefined"] == "the reference never chose this label"
