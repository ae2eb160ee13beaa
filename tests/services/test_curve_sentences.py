"""What a learning curve says: whether more labelling is worth it, how much more, and that it cannot tell."""

import pytest

from core.services.studies.curves import usual_sizes
from tests.fakes.studies import learning_curve


def law(top, drop, slope, jitter=0.002, sizes=(25, 50, 100, 200, 400)):
    return {n: [top - drop * n**-slope + jitter * sign for sign in (-1, 0, 1)] for n in sizes}


def test_a_curve_that_still_rises_is_worth_labelling_for():
    said = learning_curve(law(0.9, 1.5, 0.4), 800).sentence()
    assert said.startswith("More labelling is worth it: 800 examples instead of 400 would add about ")
    assert said.endswith(").") and said.count(".") >= 1


def test_a_curve_that_has_levelled_off_is_hardly_worth_it():
    said = learning_curve(law(0.8, 3.0, 1.0), 800).sentence()
    assert said.startswith("More labelling of the same kind is hardly worth it: 800 examples instead of 400")


def test_points_that_scatter_cannot_tell():
    said = learning_curve(law(0.7, 0.4, 0.4, jitter=0.08), 800).sentence()
    assert said.startswith("Whether more labelling is worth it cannot be told: 800 examples instead of 400 would add")


@pytest.mark.parametrize(
    "scores", [{25: [0.5, 0.6], 50: [0.6, 0.7]}, {25: [0.5], 50: [0.6], 100: [0.7]}, {25: [0.5, 0.6]}]
)
def test_too_few_points_say_what_it_takes(scores):
    assert learning_curve(scores, 800).sentence(0.8) == (
        "Whether more labelling is worth it cannot be told yet: it takes 3 sizes, and 2 deals of one of them."
    )


def test_how_many_more_examples_reach_a_score_is_said_with_a_range():
    curve = learning_curve(law(0.9, 1.5, 0.4), 800)
    said = curve.sentence(0.8)
    needed = (1.5 / 0.1) ** (1 / 0.4)
    assert "; to reach .80 takes about " in said
    more = int(said.partition("takes about ")[2].split(" more")[0].replace(",", ""))
    assert more == pytest.approx(needed - 400, rel=0.15) and " (" in said


def test_a_score_that_is_there_already_is_said_to_be():
    said = learning_curve(law(0.9, 1.5, 0.4), 800).sentence(0.6)
    assert ".60 is reached with about " in said and "already" in said


def test_a_score_above_the_end_of_the_curve_is_out_of_reach_or_nearly():
    said = learning_curve(law(0.75, 3.0, 1.0), 800).sentence(0.95)
    assert "; .95 is out of reach with examples of this kind, since the curve levels off at about .75 (" in said


def test_usual_sizes_double_up_to_all_there_are():
    assert usual_sizes(799) == [25, 50, 100, 200, 400, 799]
    assert usual_sizes(420) == [25, 50, 100, 200, 420], "400 is nearly all"
    assert usual_sizes(30) == [30]
