"""Counting a day's usage, in SQL, so that many accounts are counted at once."""

from __future__ import annotations

DAY_QUANTITY = """
CROSS JOIN LATERAL (
    SELECT coalesce(CASE m.aggregation
        WHEN 'UNIQUE' THEN (
            SELECT count(DISTINCT (h.deployment_id, counted.id)) FROM usage_hour h, unnest(h.ids) AS counted(id)
            WHERE h.account_id = d.account_id AND h.meter = m.key AND h.hour >= d.begins_at AND h.hour < d.ends_at)
        WHEN 'SUM' THEN sum(hours.quantity)::bigint
        WHEN 'LAST' THEN (array_agg(hours.quantity ORDER BY hours.hour DESC))[1]
        ELSE max(hours.quantity) END, 0) AS quantity
    FROM (
        SELECT h.hour, sum(h.quantity)::bigint AS quantity FROM usage_hour h
        WHERE h.account_id = d.account_id AND h.meter = m.key AND h.hour >= d.begins_at AND h.hour < d.ends_at
        GROUP BY h.hour) AS hours
) AS counted
"""
"""The day's quantity as ``counted.quantity``, for a meter ``m`` and a day ``d(account_id, begins_at, ends_at)``.

Rule: the vendor's billing method page; a DataKit counts in an hour when it reported data in it, and the day counts its
largest hour. An hour belongs to the day in which it begins.
"""
