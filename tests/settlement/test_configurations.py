"""What a channel asks for, in the reader's language, and what is said of what was entered."""

from __future__ import annotations

from typing import Any

import pytest
from settlement_aliyun.channel import AlibabaCloudMarketplace
from settlement_aws.channel import AwsMarketplace

from app.errors import BindingRejected
from app.settlement.configurations import check_configuration, localized
from tests.api.driver import Api

ALIYUN = AlibabaCloudMarketplace().describe().configuration_schema
AWS = AwsMarketplace().describe().configuration_schema
TIERED = {
    "properties": {
        "plan": {"enum": ["basic", "full"], "title": "Plan", "x-zh": {"title": "套餐"}},
        "payer": {"type": "string", "minLength": 3, "maxLength": 5, "pattern": "^P", "title": "Payer"},
    }
}


@pytest.mark.parametrize(
    ("schema", "given", "path", "en", "zh"),
    [
        (ALIYUN, {"instanceId": "i-1"}, ["aliyunUid"], "Alibaba Cloud user id is missing.", "缺少“阿里云账号 UID”。"),
        (ALIYUN, {"aliyunUid": "1"}, ["instanceId"], "Instance id is missing.", "缺少“实例 ID”。"),
        (
            ALIYUN,
            {"aliyunUid": 1, "instanceId": "i-1"},
            ["aliyunUid"],
            "Alibaba Cloud user id does not have the right form.",
            "“阿里云账号 UID”格式有误。",
        ),
        (
            AWS,
            {"claimCode": "secret" * 10},
            ["claimCode"],
            "Claim code must have at most 40 characters.",
            "“领取码”最多 40 个字符。",
        ),
        (
            AWS,
            {"claimCode": "c", "customerAWSAccountId": "1", "licenseArn": "a"},
            [],
            "These entries do not fit together.",
            "所填各项不能同时使用。",
        ),
        (AWS, {}, ["claimCode"], "Claim code is missing.", "缺少“领取码”。"),
        (TIERED, {"plan": "best"}, ["plan"], "Plan must be one of basic, full.", "“套餐”须为 basic, full 之一。"),
        (TIERED, {"payer": "P"}, ["payer"], "Payer must have 3 characters or more.", "“Payer”至少须有 3 个字符。"),
    ],
)
def test_what_is_wrong_is_said_by_its_title_and_without_its_value(
    schema: dict[str, Any], given: dict[str, Any], path: list[str], en: str, zh: str
) -> None:
    with pytest.raises(BindingRejected) as refused:
        check_configuration(schema, given)
    assert refused.value.path == ("configuration", *path)
    assert refused.value.message("en").endswith(en)
    assert refused.value.message("zh").endswith(zh)
    assert "secret" not in refused.value.message("en")


def test_what_fits_is_not_refused() -> None:
    check_configuration(ALIYUN, {"aliyunUid": "1", "instanceId": "i-1"})
    check_configuration({}, {"anything": 1})


def test_a_schema_is_in_the_readers_language_and_still_a_schema() -> None:
    chinese, english = localized(AWS, "zh"), localized(AWS, "en")
    assert chinese["properties"]["claimCode"]["title"] == "领取码"
    assert english["properties"]["claimCode"]["title"] == "Claim code"
    assert "x-zh" not in str(chinese) + str(english)
    assert chinese["oneOf"] == english["oneOf"] == AWS["oneOf"]
    assert localized({"type": "object"}, "zh") == {"type": "object"}


async def test_the_api_answers_it_so(api: Api) -> None:
    asked = "{ settlementChannels { key configurationSchema purchaseUrl } }"
    for locale, title in (("zh", "阿里云账号 UID"), ("en", "Alibaba Cloud user id")):
        channels = (await Api(api.http, locale=locale).data(asked))["settlementChannels"]
        found = {one["key"]: one for one in channels}
        assert found["aliyun"]["configurationSchema"]["properties"]["aliyunUid"]["title"] == title
        assert found["aliyun"]["purchaseUrl"] is None
