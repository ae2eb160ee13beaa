"""Hosts as data: what each can do, asks for, charges, and takes away. The pages' words for it."""

from core.hosts.decisions import can_decide
from core.hosts.probing import Findings
from core.hosts.profiles import EMBEDDED, PROFILES, HostProfile, Route, profile_of
from core.hosts.retirements import WARN_WITHIN_DAYS, Retirement, TrainingEnd

__all__ = [
    "EMBEDDED",
    "Findings",
    "HostProfile",
    "PROFILES",
    "Retirement",
    "Route",
    "TrainingEnd",
    "WARN_WITHIN_DAYS",
    "can_decide",
    "profile_of",
]
