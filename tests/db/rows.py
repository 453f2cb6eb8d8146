"""What the database holds, to see whether it is as it was."""

from __future__ import annotations

from typing import Any

from tortoise.connection import get_connection


async def every_row() -> dict[str, Any]:
    """How many rows each table has, and a digest of what is in them; but for counts of tries and the audit log."""
    connection = get_connection("default")
    tables = await connection.execute_query_dict(
        "SELECT table_name AS name FROM information_schema.tables "
        "WHERE table_schema = 'public' AND table_name NOT IN ('throttle', 'audit_entry', 'audit_seal')"
    )
    counted = {}
    for table in tables:
        (row,) = await connection.execute_query_dict(
            "SELECT count(*) AS rows, md5(string_agg(t::text, '|' ORDER BY t::text)) AS digest "
            f'FROM "{table["name"]}" t'
        )
        counted[table["name"]] = (row["rows"], row["digest"])
    return counted


async def everything() -> dict[str, str]:
    """What the database holds, as text, by table."""
    connection = get_connection("default")
    tables = await connection.execute_query_dict(
        "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public'"
    )
    found = {}
    for table in tables:
        rows = await connection.execute_query_dict(f'SELECT to_jsonb(t)::text AS row FROM "{table["name"]}" AS t')
        found[table["name"]] = "\n".join(row["row"] for row in rows)
    return found
