"""Agreement beyond chance: Cohen's kappa, Krippendorff's alpha, Scott's pi.

All three are 1 on perfect agreement, 0 where agreement is what chance would give, and negative below it. They differ
in what they call chance. All are undefined (0 / 0) when both annotators used one and the same label throughout.
"""

import numpy as np

from core.metrics.arrays import BoolArray, FloatArray, ratio
from core.metrics.contingency import Contingency, Margins
from core.metrics.metric import Metric, estimated
from core.model import Estimate

ONE_LABEL = "both annotators used one label only, so chance agreement is 1"

# Landis & Koch 1977, Biometrics 33:159, table on p. 165: the upper end of each class.
_LANDIS_KOCH = (
    (0.20, "slight"),
    (0.40, "fair"),
    (0.60, "moderate"),
    (0.80, "substantial"),
    (float("inf"), "almost perfect"),
)


def kappa_kernel(margins: Margins) -> FloatArray:
    """Cohen 1960 (Educational and Psychological Measurement 20:37): chance from each annotator's own label shares.

    (p_o - p_e) / (1 - p_e) with p_e = sum over labels of (reference share x candidate share), here times n squared.
    """
    n = margins.n.astype(np.float64)
    chance = (margins.reference.astype(np.float64) * margins.candidate).sum(axis=-1)
    return ratio(n * margins.hits.sum(axis=-1) - chance, n * n - chance, _several_labels(margins))


def pi_kernel(margins: Margins) -> FloatArray:
    """Scott 1955 (Public Opinion Quarterly 19:321): chance from the label shares of both annotators pooled."""
    n = 2.0 * margins.n
    chance = _pooled_squares(margins)
    return ratio(2.0 * n * margins.hits.sum(axis=-1) - chance, n * n - chance, _several_labels(margins))


def alpha_kernel(margins: Margins) -> FloatArray:
    """Krippendorff 2011, Computing Krippendorff's Alpha-Reliability, nominal, two annotators, no gaps.

    The coincidence matrix holds every item's pair twice, so it has N = 2n values, 2 x hits on its diagonal, and
    n_c = reference + candidate values of label c: alpha = 1 - (N - 1)(N - sum o_cc) / (N^2 - sum n_c^2).
    That is Scott's pi with a correction for small samples.
    """
    values = 2.0 * margins.n
    apart = values - 2.0 * margins.hits.sum(axis=-1)
    return 1.0 - ratio((values - 1.0) * apart, values * values - _pooled_squares(margins), _several_labels(margins))


def _pooled_squares(margins: Margins) -> FloatArray:
    pooled = (margins.reference + margins.candidate).astype(np.float64)
    return np.asarray((pooled * pooled).sum(axis=-1))


def _several_labels(margins: Margins) -> BoolArray:
    # Decided in whole numbers before dividing: whether a score exists must not hang on rounding.
    most = (margins.reference + margins.candidate).max(axis=-1, initial=0)
    return np.asarray(most < 2 * margins.n)


def kappa(table: Contingency) -> Estimate:
    """Cohen's kappa with an interval from the posterior; undefined on no items and on a single shared label."""
    return estimated(table, kappa_kernel, ONE_LABEL)


def alpha(table: Contingency) -> Estimate:
    """Krippendorff's nominal alpha with an interval from the posterior of what it comes to with all items (Scott's pi);
    undefined as kappa is."""
    return estimated(table, alpha_kernel, ONE_LABEL, of_all=pi_kernel)


def pi(table: Contingency) -> Estimate:
    """Scott's pi with an interval from the posterior; undefined as kappa is."""
    return estimated(table, pi_kernel, ONE_LABEL)


def verbal(kappa: float) -> str:
    """The word of Landis & Koch 1977 (Biometrics 33:159) for a kappa: a habit of the field, not a law.

    Below 0 poor, to 0.20 slight, to 0.40 fair, to 0.60 moderate, to 0.80 substantial, above almost perfect; each
    upper end belongs to the lower class. Raises ValueError when `kappa` is not a number.
    """
    if kappa != kappa:
        raise ValueError("An undefined kappa has no word.")
    if kappa < 0:
        return "poor"
    return next(word for upper, word in _LANDIS_KOCH if kappa <= upper)


KAPPA = Metric(
    "kappa",
    "Cohen's kappa",
    "coefficient",
    "Agreement beyond what two annotators with these label shares would reach by guessing: 1 is perfect, 0 is chance. "
    "It is lower than accuracy, most of all when one label dominates and agreeing is easy.",
    kappa,
)
ALPHA = Metric(
    "alpha",
    "Krippendorff's alpha",
    "coefficient",
    "Agreement beyond chance, where chance is one pool of both annotators' labels, corrected for few items. "
    "It differs from kappa when the two annotators use the labels in different proportions, and also works for more "
    "than two annotators.",
    alpha,
)
PI = Metric(
    "pi",
    "Scott's pi",
    "coefficient",
    "Agreement beyond chance, where chance is one pool of both annotators' labels. "
    "It is alpha without the correction for few items, so the two meet as items are added.",
    pi,
)
