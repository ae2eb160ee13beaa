"""What pages need to know of studies besides their verbs."""

from core.finetune.search import Dimension, as_range, read_range, usual_dimension, usual_first
from core.metrics.power_law import PowerLaw, Size
from core.services.studies.curves import LearningCurve, usual_sizes
from core.services.studies.planning import CurvePlan, Forecast, SearchPlan, TaughtSize, read_sizes
from core.services.studies.searches import SearchView, spoken

__all__ = [
    "CurvePlan",
    "Dimension",
    "Forecast",
    "LearningCurve",
    "PowerLaw",
    "SearchPlan",
    "SearchView",
    "Size",
    "TaughtSize",
    "as_range",
    "read_range",
    "read_sizes",
    "spoken",
    "usual_dimension",
    "usual_first",
    "usual_sizes",
]
