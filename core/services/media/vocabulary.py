"""What pages need to know of files."""

from core.conversation import turns as turns
from core.media import Reference as Reference
from core.media import parse_reference as parse_reference
