"""What comes to the URL for SNS and is no message of Amazon's."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from settlement_aws.sns import NotFromAmazon, SnsMessages, event

TOPIC = "arn:aws:sns:us-east-1:000000000000:t"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"5",
        b"[]",
        b"\xff",
        b"[" * 200_000,
        b'{"a":' * 200_000,
        b'{"Type": []}',
        b'{"Type": {"Type": 1}}',
        b'{"Type": "Notification"}',
        b'{"Type": "Notification", "Message": [], "MessageId": 1, "Timestamp": {}, "TopicArn": "x"}',
        b'{"Type": "Notification", "Message": "", "MessageId": "", "Timestamp": "", "TopicArn": "%b"}' % TOPIC.encode(),
    ],
)
async def test_a_body_that_is_no_message_is_refused(body: bytes) -> None:
    with pytest.raises(NotFromAmazon):
        await SnsMessages(frozenset({TOPIC})).read(body, datetime.now(UTC))


@pytest.mark.parametrize("text", ["", "5", "[" * 200_000, '{"action": []}'])
def test_a_message_that_is_no_announcement_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        event({"Message": text}, frozenset())
