"""What leaves the workbench: one file per format family, and the EXPORTERS dict whose order is the order on screen."""

from core.exporters.annotations import Annotated, field_column, long_columns, long_rows, wide_columns, wide_rows
from core.exporters.excel import MOST_ROWS, write_excel
from core.exporters.files import Exporter, as_text, as_utf8, write_csv, write_jsonl, write_plain_csv
from core.exporters.parquet import write_parquet
from core.exporters.report import ComparisonReport, Figure, LabelRow, ReportExample, comparison_report
from core.exporters.tools import NO_FILES, TOOL_EXPORTERS, Asked, Files, OfAll, ToolExporter, Word, written

EXPORTERS: dict[str, Exporter] = {
    "csv": Exporter(
        "CSV",
        "Opens in spreadsheets: UTF-8 with a byte order mark, and an apostrophe before cells that would be computed. "
        "Importing it here removes the apostrophes again.",
        ".csv",
        "text/csv",
        as_utf8(write_csv),
    ),
    "csv-plain": Exporter(
        "CSV for programs",
        "All text as it is, UTF-8 without a byte order mark. "
        "A spreadsheet may compute cells that begin with = + - or @.",
        ".csv",
        "text/csv",
        as_utf8(write_plain_csv),
    ),
    "jsonl": Exporter(
        "JSONL",
        "One JSON object per line, UTF-8. Numbers stay numbers.",
        ".jsonl",
        "application/x-ndjson",
        as_utf8(write_jsonl),
    ),
    "parquet": Exporter(
        "Parquet",
        "For pandas, polars, DuckDB and Spark. Numbers, times and flags keep their types; your own fields are text.",
        ".parquet",
        "application/vnd.apache.parquet",
        write_parquet,
    ),
    "excel": Exporter(
        "Excel",
        "One sheet, no formulas. Excel allows 1,048,575 rows and 32,767 characters per cell: longer texts are cut "
        "and marked at the end.",
        ".xlsx",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        write_excel,
        MOST_ROWS,
    ),
}

__all__ = [
    "EXPORTERS",
    "NO_FILES",
    "TOOL_EXPORTERS",
    "Asked",
    "Files",
    "OfAll",
    "Annotated",
    "ComparisonReport",
    "Exporter",
    "Figure",
    "LabelRow",
    "ReportExample",
    "ToolExporter",
    "Word",
    "as_text",
    "comparison_report",
    "field_column",
    "long_columns",
    "long_rows",
    "wide_columns",
    "wide_rows",
    "write_csv",
    "write_jsonl",
    "write_plain_csv",
    "written",
]
