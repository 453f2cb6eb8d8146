"""Migrations of the core: ``0001_initial.py`` and what follows, applied in the order of their numbers.

A migration imports Tortoise and the standard library alone, and writes out every value, so that no later change of the
code changes the past.

Database functions, triggers, checks and indexes stand in ``sql/<number of the migration that loads them>/``; ``FILES``
of that migration lists them in the order of their dependencies. What was released is never edited. A later version of
a function is a file of the same name in the folder of a new migration: ``sql/0002/price_day.sql`` begins with
``CREATE OR REPLACE FUNCTION price_day(`` and is loaded by ``0002_rounding.py``::

    class Migration(BaseMigration):
        dependencies: Any = [("app", "0001_initial")]
        operations: Any = [RunSQL((SQL / "price_day.sql").read_text())]

PostgreSQL replaces a function only by one with the same parameters and results. For any other, drop it first, and make
anew what depends on it.

A changed model needs a migration: ``tests/migrations`` names the operations that are missing.
"""
