"""Agreement label by label: precision, recall, F1, IoU, each with its interval and support."""

from collections.abc import Sequence

import streamlit as st

from core.services.agreement.agreeing import AgreementView, Candidate
from core.services.agreement.vocabulary import LabelScore
from pages._ui.agreement.charts import iou_chart, labels_chart
from pages._ui.words.figures import with_interval
from pages._ui.words.text import plain

_CHARTED = 40


def labels_of(view: AgreementView) -> None:
    """Two charts, and the numbers of one candidate as a table."""
    with_items = sorted((one for one in view.candidates if one.n), key=lambda one: one.apart)
    candidate = _chosen(with_items)
    scores = used(candidate.labels())
    left, right = st.columns(2, gap="large")
    with left:
        st.markdown(f"**{plain(candidate.annotator.name)}: precision, recall and F1**")
        st.plotly_chart(labels_chart(scores[:_CHARTED]), width="stretch", config={"displayModeBar": False})
    with right:
        st.markdown("**IoU of each label, all candidates**")
        every = [(one.annotator, matching(one.labels(), scores[:_CHARTED])) for one in with_items]
        st.plotly_chart(iou_chart(every), width="stretch", config={"displayModeBar": False})
    more = f" The charts show the {_CHARTED} most frequent of {len(scores)} labels." if len(scores) > _CHARTED else ""
    st.caption(
        f"Beside each label: how many items {plain(view.reference.name)} gave it, the most frequent first. "
        f"IoU is both / either. 95 % intervals: Wilson, for F1 that of IoU.{more}"
    )
    with st.expander(f"The numbers of {plain(candidate.annotator.name, 60)}"):
        st.dataframe(label_table(scores), hide_index=True, width="stretch", column_config=_columns())


def _chosen(candidates: Sequence[Candidate]) -> Candidate:
    chosen = st.session_state.get("agree_of")
    return next((one for one in candidates if str(one.annotator.id) == chosen), candidates[0])


def used(scores: Sequence[LabelScore]) -> list[LabelScore]:
    """The labels either annotator used, those the reference used most first."""
    return sorted((one for one in scores if one.support or one.predicted), key=lambda one: -one.support)


def matching(scores: Sequence[LabelScore], order: Sequence[LabelScore]) -> list[LabelScore]:
    """The scores of the same labels in the same order."""
    by_label = {one.label: one for one in scores}
    return [by_label[one.label] for one in order if one.label in by_label]


def label_table(scores: Sequence[LabelScore]) -> list[dict[str, object]]:
    """One row per label, each score with its interval."""
    return [
        {
            "label": one.label,
            "support": one.support,
            "predicted": one.predicted,
            "precision": with_interval(one.precision),
            "recall": with_interval(one.recall),
            "F1": with_interval(one.f1),
            "IoU": with_interval(one.iou),
        }
        for one in scores
    ]


def _columns() -> dict[str, object]:
    scores = {name: st.column_config.TextColumn(alignment="right") for name in ("precision", "recall", "F1", "IoU")}
    return scores | {
        "support": st.column_config.NumberColumn(help="Items the reference gave this label", format="localized"),
        "predicted": st.column_config.NumberColumn(help="Items the candidate gave this label", format="localized"),
    }
