"""`make bench`: prints every measurement. Name some (labelling, coverage, memory ...) to run only those."""

import os
import sys

# Threads of BLAS that wait for more to do are busy waiting, which would count as work. It reads this when NumPy loads.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from tests.benchmarks import coverage, exports, heads, kinds, labelling, measures, memory, reviewing, spans

ALL = {
    "labelling": labelling.labelling,
    "refusals": labelling.refusals,
    "memory": memory.memory,
    "importing": measures.importing,
    "exports": exports.exports,
    "splitting": measures.splitting,
    "agreeing": measures.agreeing,
    "agreeing on sets": measures.agreeing_on_sets,
    "marking": spans.marking,
    "training heads": heads.training_heads,
    "pages": measures.pages,
    "labelling kinds": kinds.labelling_kinds,
    "pages of kinds": kinds.pages_of_kinds,
    "adding": measures.adding,
    "reviewing": reviewing.reviewing,
    "coverage": coverage.coverage,
}


def main() -> None:
    for name in sys.argv[1:] or ALL:
        print("\n".join(ALL[name]()), flush=True)
        print(flush=True)


if __name__ == "__main__":
    main()
