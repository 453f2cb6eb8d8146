"""The conformance kit: what every settlement channel must pass, and what it needs to know of the surroundings.

``pytest --settlement-channel NAME`` runs it. Needs the extra ``settlement-spec[conformance]``.
"""

from settlement_spec.conformance.harness import Account, Callback, Collected, Harness, Misbehaviour

__all__ = ["Account", "Callback", "Collected", "Harness", "Misbehaviour"]
