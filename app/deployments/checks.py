"""What a deployment may be known by, and where its data gateway may be."""

from __future__ import annotations

import re

from app.errors import InvalidGatewayUrl, InvalidInput

GATEWAY_URL = re.compile(r"https?://[A-Za-z0-9.\-\[\]:_]+(/[^\s?#]*)?\?token=\{\}", re.ASCII)
FINGERPRINT = re.compile(r"[\x21-\x7e]{8,128}")


def check_gateway(data_gateway_url: str) -> None:
    """Refuse an address that is not http(s) or does not end with the literal ``?token={}``."""
    if not GATEWAY_URL.fullmatch(data_gateway_url) or len(data_gateway_url) > 2000:
        raise InvalidGatewayUrl(path=("dataGatewayUrl",))


def check_fingerprint(fingerprint: str, name: str = "fingerprint") -> None:
    """Refuse a fingerprint that has not 8 to 128 visible ASCII characters."""
    if not FINGERPRINT.fullmatch(fingerprint):
        raise InvalidInput(
            reason_en=f"{name} must have 8 to 128 visible ASCII characters",
            reason_zh=f"{name} 须为 8 到 128 个可见 ASCII 字符",
            path=(name,),
        )
