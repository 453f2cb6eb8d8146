"""What a deployment may be known by, and where its data gateway may be."""

from __future__ import annotations

import re

from app.errors import InvalidGatewayUrl, InvalidInput

LONGEST_GATEWAY_URL = 2000
PLACEHOLDER = "token={}"
FINGERPRINT = re.compile(r"[\x21-\x7e]{8,128}")
_VISIBLE = re.compile(r"[\x21-\x7e]*")
_ORIGIN = re.compile(r"https?://[A-Za-z0-9.\-\[\]:_]+(?=[/?#]|$)")


def check_gateway(data_gateway_url: str) -> None:
    """Refuse an address that breaks a rule, and say which; the address is not repeated, as it may hold a real token.

    Raises:
        InvalidGatewayUrl: not http(s) with a host; no parameter ``token``, more than one, or one with another value
            than the literal ``{}``; a second ``{}`` elsewhere; a fragment; anything but visible ASCII characters; or
            more than 2,000 of them. Other parameters are the customer's.
    """
    broken = _broken_rule(data_gateway_url)
    if broken is not None:
        raise InvalidGatewayUrl(rule_en=broken[0], rule_zh=broken[1], path=("dataGatewayUrl",))


def check_fingerprint(fingerprint: str, name: str = "fingerprint") -> None:
    """Refuse a fingerprint that has not 8 to 128 visible ASCII characters."""
    if not FINGERPRINT.fullmatch(fingerprint):
        raise InvalidInput(
            reason_en=f"{name} must have 8 to 128 visible ASCII characters",
            reason_zh=f"{name} 须为 8 到 128 个可见 ASCII 字符",
            path=(name,),
        )


def _broken_rule(url: str) -> tuple[str, str] | None:
    """The first rule that an address breaks, in English and Chinese."""
    if len(url) > LONGEST_GATEWAY_URL:
        return f"it has more than {LONGEST_GATEWAY_URL} characters", f"长度超过 {LONGEST_GATEWAY_URL} 个字符"
    if not _VISIBLE.fullmatch(url):
        return "only visible ASCII characters are allowed, no blanks", "只能包含可见 ASCII 字符，不能有空格"
    if not _ORIGIN.match(url):
        return "it must begin with http:// or https:// and a host", "必须以 http:// 或 https:// 及主机名开头"
    if "#" in url:
        return "a fragment (#…) is not allowed", "不能带片段（#…）"
    return _broken_query(url.partition("?")[2].split("&"), url.count("{}"))


def _broken_query(parameters: list[str], placeholders: int) -> tuple[str, str] | None:
    tokens = [one for one in parameters if one.partition("=")[0] == "token"]
    if not tokens:
        return "it has no parameter token", "缺少 token 参数"
    if len(tokens) > 1:
        return "it has more than one parameter token", "token 参数出现多次"
    if tokens != [PLACEHOLDER]:
        return (
            "the value of token must be the literal {}: put it in place of the real token",
            "token 的值必须是占位符原文 {}：请用它替换真实令牌",
        )
    if placeholders > 1:
        return "{} may stand only once, as the value of token", "{} 只能作为 token 的值出现一次"
    return None
