"""The database: the only package that knows SQL. Queries are functions over a connection, one module per aggregate."""
