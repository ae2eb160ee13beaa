"""How near two texts are in meaning, as an encoder has it."""

from sqlalchemy import Column, Float, Integer, LargeBinary, Table

from core.storage.tables.base import metadata

likenesses = Table(
    "likenesses",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("pair", LargeBinary, nullable=False, unique=True, comment="hash of the encoder and both texts"),
    Column("cosine", Float, nullable=False, comment="of the vectors that the encoder gives them, -1 to 1"),
    comment="worked out once, since what two texts say never changes",
)
