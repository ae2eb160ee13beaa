"""What annotators say as other tools' files: one file a tool, one line in TOOL_EXPORTERS, in the order on screen."""

from core.exporters.tools import (
    argilla,
    conll,
    dataset_disk,
    doccano,
    kili,
    label_studio,
    pairs,
    prodigy,
    spacy_data,
)
from core.exporters.tools.shape import NO_FILES, Asked, Files, OfAll, ToolExporter, Word, written

TOOL_EXPORTERS: dict[str, ToolExporter] = {
    "label_studio": label_studio.EXPORTER,
    "argilla": argilla.EXPORTER,
    "kili": kili.EXPORTER,
    "doccano": doccano.EXPORTER,
    "prodigy": prodigy.EXPORTER,
    "spacy": spacy_data.EXPORTER,
    "docbin": spacy_data.DOCBIN,
    "conll": conll.EXPORTER,
    "datasets": dataset_disk.EXPORTER,
    "trl_pairs": pairs.TRL,
    "openai_pairs": pairs.OPENAI,
}

__all__ = ["NO_FILES", "TOOL_EXPORTERS", "Asked", "Files", "OfAll", "ToolExporter", "Word", "written"]
