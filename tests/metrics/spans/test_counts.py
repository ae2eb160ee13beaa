"""Precision, recall and F1 of spans under the four schemes, and span IoU."""

import numpy as np
import pytest
from hypothesis import given
from scipy.optimize import linear_sum_assignment

from core.metrics import estimate_all
from core.metrics.spans import SCHEMES, SpanSums
from core.metrics.spans.counts import f1, mean_iou, precision, recall
from tests.metrics.spans.worlds import LABELS, apart, overlapping, pairs_of, table_of


def values(pairs):
    """The shares themselves, without the intervals."""
    total = SpanSums(table_of(pairs)).counts.total()
    kernels = {"f1": f1, "precision": precision, "recall": recall}
    shares = {
        f"{scheme}_{name}": float(kernel(total, scheme)) for scheme in SCHEMES for name, kernel in kernels.items()
    }
    shares["span_iou"] = float(mean_iou(total))
    return {key: None if value != value else value for key, value in shares.items()}


def test_every_scheme_by_hand():
    # found; wrong label; too long; not there; made up
    reference = [(0, 4, 0), (6, 8, 1), (10, 14, 0), (20, 24, 2)]
    candidate = [(0, 4, 0), (6, 8, 0), (10, 15, 0), (30, 34, 2)]
    found = values([(reference, candidate)])
    assert found["strict_f1"] == 1 / 4
    assert found["exact_f1"] == 2 / 4
    assert found["partial_f1"] == (2 + 1 / 2) / 4
    assert found["type_f1"] == 2 / 4
    # pairs of one label: 1 and 4 / 5; the wrong label leaves one missed and one spurious
    assert found["span_iou"] == pytest.approx((1 + 4 / 5) / (2 + 2 + 2))


def test_precision_and_recall_differ_where_one_marks_more():
    found = values([([(0, 4, 0)], [(0, 4, 0), (5, 8, 0), (9, 12, 0)]), ([(0, 4, 1)], [])])
    assert found["strict_precision"] == 1 / 3
    assert found["strict_recall"] == 1 / 2
    assert found["strict_f1"] == pytest.approx(2 / 5)


@pytest.mark.parametrize("iou", [("half", (0, 10), (5, 15)), ("nested", (0, 10), (2, 6)), ("touch", (0, 5), (5, 10))])
def test_iou_of_two_spans_is_that_of_their_characters(published, iou):
    name, one, other = iou
    expected = published[f"iou_span_{name}"]["values"]["iou"][0]
    assert values([([(*one, 0)], [(*other, 0)])])["span_iou"] == pytest.approx(expected)


def test_the_example_of_nervaluates_readme_is_reproduced(published):
    example = published["nervaluate_readme"]
    names = {"PER": 0, "ORG": 1, "LOC": 2, "DATE": 3}
    sides = [[spans_of(tags, names) for tags in example["inputs"][side]] for side in ("true", "pred")]
    found = estimate_all(SpanSums(table_of(list(zip(*sides, strict=True)), labels=tuple(names))))
    schemes = {"ent_type": "type", "exact": "exact", "partial": "partial", "strict": "strict"}
    for name, expected in example["values"].items():
        scheme, figure = name.split(".")
        if figure in ("precision", "recall", "f1"):
            assert found[f"{schemes[scheme]}_{figure}"].value == pytest.approx(expected[0]), name


def spans_of(tags, names):
    """Spans in words of one sentence that is tagged B and I."""
    spans = []
    for place, tag in enumerate(tags):
        if tag.startswith("B-"):
            spans.append((place, place + 1, names[tag[2:]]))
        elif tag.startswith("I-"):
            spans[-1] = (spans[-1][0], place + 1, spans[-1][2])
    return spans


@given(pairs_of(apart()))
def test_where_spans_do_not_overlap_the_figures_are_nervaluates(pairs):
    nervaluate = pytest.importorskip("nervaluate")

    def told(items):
        # its ends are the last character; its words for the same
        return [[{"start": s, "end": e - 1, "label": LABELS[k]} for s, e, k in spans] for spans in items]

    true, pred = (told(side) for side in zip(*pairs, strict=True))
    expected = nervaluate.Evaluator(true, pred, tags=list(LABELS), loader="dict").evaluate()["overall"]
    sums = SpanSums(table_of(pairs))
    total, found = sums.counts.total(), values(pairs)
    for place, scheme in enumerate(SCHEMES):
        theirs = expected["ent_type" if scheme == "type" else scheme]
        for figure in ("precision", "recall", "f1"):
            assert (found[f"{scheme}_{figure}"] or 0.0) == pytest.approx(getattr(theirs, figure))
        met = theirs.correct + theirs.partial + theirs.incorrect
        assert total.met[place] == met
        assert total.reference - met == theirs.missed
        assert total.candidate - met == theirs.spurious


@given(pairs_of(overlapping()))
def test_spans_of_one_label_are_matched_so_that_their_iou_is_the_largest(pairs):
    total = 0.0
    for reference, candidate in pairs:
        matrix = np.array([[iou(a, b) for b in candidate] for a in reference]).reshape(len(reference), len(candidate))
        total += matrix[linear_sum_assignment(-matrix)].sum()
    counts = SpanSums(table_of(pairs)).counts.total()
    assert counts.iou == pytest.approx(total)


def iou(a, b):
    one, other = set(range(a[0], a[1])), set(range(b[0], b[1]))
    return len(one & other) / len(one | other) if a[2] == b[2] else 0.0


@given(pairs_of(overlapping()))
def test_who_says_the_same_agrees_wholly_even_where_spans_overlap(pairs):
    same = [(reference, reference) for reference, _ in pairs]
    found = values(same)
    marked = any(reference for reference, _ in same)
    for key in (f"{scheme}_{figure}" for scheme in SCHEMES for figure in ("precision", "recall", "f1")):
        assert found[key] == (1.0 if marked else None)
    assert found["span_iou"] == (pytest.approx(1.0) if marked else None)


@given(pairs_of(overlapping()))
def test_the_looser_a_scheme_the_more_it_counts(pairs):
    correct = SpanSums(table_of(pairs)).counts.total().correct
    strict, exact, partial, by_type = correct
    assert strict <= exact <= partial
    assert strict <= by_type
