"""What annotators say of the same items, counted from their columns, is what the database itself counts."""

import random

import numpy as np
import pytest

from core.model import AnnotatorKind, Split
from core.services.common.lookup import ensure_annotator
from core.storage import aligned, kept_columns
from core.storage.annotations import NewAnnotation
from core.storage.kept_columns import said_by
from tests.fakes import saying
from tests.fakes.worlds import make_project

PAIRS = (
    "SELECT r.value_id, c.value_id, COUNT(*) FROM current r JOIN items i ON i.id = r.item_id"
    " LEFT JOIN current c ON c.annotator_id = :c AND c.item_id = r.item_id AND c.value_id IS NOT NULL"
    " WHERE r.annotator_id = :r AND r.value_id IS NOT NULL AND (:split IS NULL OR i.split = :split)"
    " AND i.id <> :but GROUP BY 1, 2 ORDER BY 1, 2"
)
TRIPLES = (
    "SELECT i.split, r.value_id, a.value_id, b.value_id, COUNT(*) FROM current r JOIN items i ON i.id = r.item_id"
    " JOIN current a ON a.annotator_id = :a AND a.item_id = r.item_id AND a.value_id IS NOT NULL"
    " JOIN current b ON b.annotator_id = :b AND b.item_id = r.item_id AND b.value_id IS NOT NULL"
    " WHERE r.annotator_id = :r AND r.value_id IS NOT NULL GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4"
)
MET = (
    "SELECT COUNT(*), COALESCE(MAX(MAX(a.annotation_id, b.annotation_id)), 0) FROM items i"
    " JOIN current a ON a.annotator_id = :a AND a.item_id = i.id AND a.value_id IS NOT NULL"
    " JOIN current b ON b.annotator_id = :b AND b.item_id = i.id AND b.value_id IS NOT NULL WHERE i.split = 'test'"
)


@pytest.fixture
def project(workbench):
    return make_project(workbench, 120, "Aligned")


@pytest.fixture
def models(project):
    """Three who labelled some items each, took some back, and one of them nothing."""
    rng, wb = random.Random(0), project.wb
    items, labels = list(project.items()), sorted(set(truth(project).values()))
    with wb.db.write() as conn:
        ids = [ensure_annotator(conn, project.id, AnnotatorKind.MODEL, name, model=name) for name in "abc"]
        for one in ids[:2]:
            chosen = rng.sample(items, 80)
            saying.append(conn, [NewAnnotation(item, one, rng.choice(labels)) for item in chosen])
            saying.append(conn, [NewAnnotation(item, one, None) for item in chosen[:9]])
    return ids


def truth(project):
    with project.wb.db.read() as conn:
        return saying.label_ids_of(conn, project.gold)


def rows(conn, query, **given):
    return [tuple(row) for row in conn.exec_driver_sql(query, given).all()]


@pytest.mark.parametrize("split", [None, *Split])
def test_pairs_are_those_of_a_group_by(project, models, split):
    but = next(iter(project.items()))
    with project.wb.db.read() as conn:
        for own in (project.gold, *models):
            for other in (project.gold, *models):
                expected = rows(conn, PAIRS, r=own, c=other, split=split and str(split), but=but)
                assert aligned.pair_counts(conn, own, other, split, [but]) == expected
                both = sum(n for _, said, n in expected if said is not None)
                assert aligned.in_common(conn, own, other, split, [but]) == (sum(n for *_, n in expected), both)


def test_pairs_among_others_are_those_of_the_items_that_each_of_them_labelled(project, models):
    with project.wb.db.read() as conn:
        shared = set(said_by(conn, models[0]).items.tolist()) & set(said_by(conn, models[1]).items.tolist())
        found = aligned.pair_counts(conn, project.gold, models[0], None, among=models[:2])
    assert sum(n for *_, n in found) == len(shared)
    assert all(said is not None for _, said, _ in found)


def test_triples_are_those_of_a_group_by_split_by_split(project, models):
    a, b = models[:2]
    with project.wb.db.read() as conn:
        found = aligned.triple_counts(conn, project.gold, a, b)
        told = [(split and str(split), *one) for split, triples in found.items() for one in triples]
        assert sorted(told) == rows(conn, TRIPLES, r=project.gold, a=a, b=b)
        assert aligned.triple_counts(conn, project.gold, a, models[2]) == {}


def test_who_meets_on_test_and_with_which_newest_entry(project, models):
    with project.wb.db.read() as conn:
        for one in (project.gold, *models):
            for other in models:
                assert [aligned.met_on_test(conn, one, other)] == rows(conn, MET, a=one, b=other)
        assert aligned.met_on_test(conn, 0, models[0]) == aligned.met_on_test(conn, models[0], models[0])


def test_columns_of_whoever_says_more_are_read_anew_and_those_of_others_kept(project, models):
    a, b = models[:2]
    with project.wb.db.read() as conn:
        before = said_by(conn, a), said_by(conn, b)
    item, label = next(iter(truth(project).items()))
    with project.wb.db.write() as conn:
        saying.append(conn, [NewAnnotation(item, a, label)])
        assert item in said_by(conn, a).items  # what it wrote itself
    with project.wb.db.read() as conn:
        assert item in said_by(conn, a).items
        assert said_by(conn, b) is before[1]
    with project.wb.db.write() as conn:
        saying.append(conn, [NewAnnotation(item, a, None)])
    with project.wb.db.read() as conn:
        assert item not in said_by(conn, a).items


def test_what_was_rolled_back_is_in_no_column(project, models):
    item, label = next(iter(truth(project).items()))
    with pytest.raises(RuntimeError), project.wb.db.write() as conn:
        saying.append(conn, [NewAnnotation(item, models[2], label)])
        assert len(said_by(conn, models[2]).items) == 1
        raise RuntimeError
    with project.wb.db.read() as conn:
        assert len(said_by(conn, models[2]).items) == 0


def test_columns_of_a_removed_project_are_none_of_the_next(workbench):
    first = make_project(workbench, 60, "First")
    with workbench.db.read() as conn:
        assert len(said_by(conn, first.gold).items) == 60
    workbench.projects.remove(first.id)
    second = make_project(workbench, 60, "Second")
    with workbench.db.read() as conn:
        assert set(said_by(conn, second.gold).items.tolist()) == set(second.items())


def test_no_more_is_kept_than_its_measure(project, models, monkeypatch):
    monkeypatch.setattr(kept_columns, "_MOST_BYTES", 1)
    with project.wb.db.read() as conn:
        read = [said_by(conn, one) for one in (project.gold, *models)]
        assert len(kept_columns._kept) == 1
        assert np.array_equal(said_by(conn, project.gold).items, read[0].items)
