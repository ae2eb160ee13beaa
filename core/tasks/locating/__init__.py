"""Where in an item's text lies what a model marked: from quotes, or from tags written into the text, back to offsets.

Nothing an answer marks is dropped: what cannot be located is recorded as ambiguous or absent, with its quote.
"""

from core.tasks.locating.found import Found, Located
from core.tasks.locating.quotes import Quote, locate_quotes, quoted
from core.tasks.locating.tags import locate_tags, may_have_tags, tagged, untagged

__all__ = ["Found", "Located", "Quote", "locate_quotes", "locate_tags", "may_have_tags", "quoted", "tagged", "untagged"]
