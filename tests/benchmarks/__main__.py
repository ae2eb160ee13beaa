"""`make bench`: prints every measurement. Name some (labelling importing agreeing pages) to run only those."""

import sys

from tests.benchmarks import measures

ALL = {
    "labelling": measures.labelling,
    "importing": measures.importing,
    "agreeing": measures.agreeing,
    "pages": measures.pages,
}


def main() -> None:
    for name in sys.argv[1:] or ALL:
        print("\n".join(ALL[name]()), flush=True)
        print(flush=True)


if __name__ == "__main__":
    main()
