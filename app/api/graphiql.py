"""GraphiQL from this server alone: its page, and the assets that set-up builds."""

from __future__ import annotations

from starlette.responses import HTMLResponse
from starlette.routing import Mount

from app.api.console import STATIC, static

FOLDER = STATIC / "graphiql"
POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "font-src 'self' data:; worker-src 'self' blob:; connect-src 'self' ws: wss:; frame-ancestors 'none'"
)
PAGE = """<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>Edition Billing</title>
  <link rel="stylesheet" href="/graphiql/graphiql.css">
  <style>html, body, #graphiql { height: 100%; margin: 0 }</style>
</head>
<body>
  <div id="graphiql">Loading…</div>
  <script type="module" src="/graphiql/graphiql.js"></script>
</body>
</html>
"""
MISSING = "<!doctype html><title>GraphiQL is not built</title><p>GraphiQL is not built yet: run <code>make run</code>."


def page() -> HTMLResponse:
    """The GraphiQL page, which may load nothing from elsewhere."""
    built = (FOLDER / "graphiql.js").exists()
    return HTMLResponse(PAGE if built else MISSING, headers={"Content-Security-Policy": POLICY})


def assets() -> Mount:
    """What the page loads; nothing, until set-up has built it."""
    return Mount("/graphiql", static("graphiql", FOLDER, 3600))
