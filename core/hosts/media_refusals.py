"""A model that takes no pictures or sound, told from what its host says: each says it in words of its own. Pure."""

import re
from dataclasses import replace

from core.hosts.failures import Failure
from core.model import ErrorKind

_SENSES = r"(?:image|vision|visual|audio|multi-?modal|modalit|input_audio)"
_NOT_TAKEN = re.compile(
    r"(?:n[o']t (?:\w+ )?(?:support|accept|allow|permit|have)|unsupported|unknown|cannot (?:read|process|see))"
    rf".{{0,60}}{_SENSES}"
    rf"|{_SENSES}.{{0,60}}(?:n[o']t (?:\w+ )?(?:support|accept|allow|permit|enabled)|unsupported|disabled)"
    rf"|no endpoints found that support {_SENSES}"
    r"|content.{0,80}(?:must be a string|should be a (?:valid )?string|str type expected|only text)"
    r"|only (?:supports? )?text",
    re.IGNORECASE | re.DOTALL,
)
_OF_THE_FILE = re.compile(
    r"\b(?:formats?|mime|valid images?|size|dimensions?|exceed\w*|too (?:large|big|small)|corrupt\w*|decode)\b",
    re.IGNORECASE,
)
"""What a host says of one picture that it cannot read: the model may take others."""


def about_media(failure: Failure) -> Failure:
    """The failure of a request with pictures or sound, in a sentence that says so where the model takes none."""
    said = failure.message
    if failure.kind not in (ErrorKind.BAD_REQUEST, ErrorKind.NOT_FOUND) or not _NOT_TAKEN.search(said):
        return failure
    if _OF_THE_FILE.search(said):
        return failure
    told = f"The model takes no pictures or sound; choose one that does. The host said: {said}"
    return replace(failure, kind=ErrorKind.BAD_REQUEST, message=told)
