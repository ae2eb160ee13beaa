"""What pages need to know of files."""

from core.conversation import Turn as Turn
from core.conversation import as_text as as_text
from core.conversation import turns_shown as turns_shown
from core.fetching import PUBLIC as PUBLIC
from core.fetching import Reach as Reach
from core.media import Reference as Reference
from core.media import parse_reference as parse_reference
from core.plural import bytes_in_words as bytes_in_words
from core.services.media.fetching import SMALLER as SMALLER
from core.services.media.fetching import AskedHosts as AskedHosts
from core.services.media.fetching import FileSource as FileSource
