"""What no route answers: refused in JSON, as everything is."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response


async def refused(request: Request, error: Exception) -> Response:
    """The answer to a request that no route is for."""
    status = error.status_code if isinstance(error, HTTPException) else 400
    headers = error.headers if isinstance(error, HTTPException) else None
    detail = error.detail if isinstance(error, HTTPException) else str(error)
    return JSONResponse({"code": detail.upper().replace(" ", "_"), "message": detail}, status, headers=headers)
