"""Files at addresses: which may be asked for, and how one is downloaded."""

from core.fetching.addresses import Address, host_of, parse_address
from core.fetching.download import Downloads, Limits, NotFetched
from core.fetching.reach import PUBLIC, Reach

__all__ = [
    "PUBLIC",
    "Address",
    "Downloads",
    "Limits",
    "NotFetched",
    "Reach",
    "host_of",
    "parse_address",
]
