"""What this process counts of itself, in Prometheus' terms (docs/operations.md)."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, PlatformCollector, ProcessCollector

REGISTRY = CollectorRegistry()
ProcessCollector(registry=REGISTRY)
PlatformCollector(registry=REGISTRY)
REQUESTS = Counter(
    "billing_requests",
    "Requests and GraphQL operations, by what came of them.",
    ["operation", "outcome"],
    registry=REGISTRY,
)
DURATIONS = Histogram(
    "billing_request_duration_seconds",
    "How long they took.",
    ["operation"],
    buckets=(0.005, 0.025, 0.1, 0.25, 1, 2.5, 10, 30),
    registry=REGISTRY,
)
FAILURES = Counter(
    "billing_worker_failures", "Rounds of the worker's duties that failed.", ["lane", "duty"], registry=REGISTRY
)
CONNECTIONS = Gauge("billing_websockets", "Open WebSocket connections.", registry=REGISTRY)


def counted(operation: str, outcome: str, seconds: float) -> None:
    """Count one request or operation."""
    REQUESTS.labels(operation, outcome).inc()
    DURATIONS.labels(operation).observe(seconds)
