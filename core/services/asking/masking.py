"""The masker of a run, a trial or a fine-tune: the same value gets the same placeholder all over this workbench."""

import secrets

from core.model import Masking
from core.prompts.masking import Masker
from core.storage import facts
from core.storage.engine import Database

_SALT = "mask_salt"


def masker_for(db: Database, masking: Masking) -> Masker:
    """The masker; one that changes nothing where `masking` asks for nothing. The salt is made when first needed."""
    return Masker(masking, _salt(db) if masking else b"")


def _salt(db: Database) -> bytes:
    with db.read() as conn:
        kept = facts.get(conn, _SALT)
    if kept is None:
        with db.write() as conn:
            kept = facts.get(conn, _SALT)  # another process may have been first
            if kept is None:
                kept = secrets.token_hex(16)
                facts.put(conn, _SALT, kept)
    return bytes.fromhex(kept)
