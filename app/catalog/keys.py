"""The editions by name."""

from __future__ import annotations

from app.described import DescribedEnum


class EditionKey(DescribedEnum):
    """The editions of the product."""

    COMMUNITY = "COMMUNITY", "社区版: free, where every account starts.", "社区版"
    PAY_AS_YOU_GO = "PAY_AS_YOU_GO", "商业版-按量付费版: billed by DataKits and day.", "商业版-按量付费版"
    SUBSCRIPTION = "SUBSCRIPTION", "商业版-订阅制版: by application.", "商业版-订阅制版"
    LICENSED = "LICENSED", "商业版-许可证制版: by application.", "商业版-许可证制版"
