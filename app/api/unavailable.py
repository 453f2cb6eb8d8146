"""Answers while the database is gone: typed, and to be tried again."""

from __future__ import annotations

from starlette.responses import JSONResponse

RETRY_AFTER = 5
UNAVAILABLE = "UNAVAILABLE"
TEXTS = {
    "en": "The database does not answer. Try again in {retry_after} seconds; with the same idempotencyKey, if you sent "
    "one, since it may have been done.",
    "zh": "数据库暂时无响应。请在 {retry_after} 秒后重试;如带有 idempotencyKey,请沿用:操作可能已执行。",
}


def unavailable_message(locale: str) -> str:
    """What is said in ``zh`` or ``en``."""
    return TEXTS["zh" if locale == "zh" else "en"].format(retry_after=RETRY_AFTER)


def unavailable(locale: str) -> JSONResponse:
    """The answer of a route that needs the database: 503 with Retry-After, in the form of a GraphQL answer."""
    extensions = {"code": UNAVAILABLE, "retryAfter": RETRY_AFTER}
    error = {"message": unavailable_message(locale), "extensions": extensions}
    return JSONResponse({"errors": [error]}, status_code=503, headers={"Retry-After": str(RETRY_AFTER)})
