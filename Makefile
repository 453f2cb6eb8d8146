# Everything is done in .venv; stamp files make every target do only what has not been done.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

# The interpreter that makes .venv: `make run PYTHON=/opt/python3.13/bin/python3` names another.
PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input
PLUGINS := $(wildcard plugins/*/pyproject.toml)
WEB := app/api/static/.made
WEB_SOURCES := schema.graphql $(shell find web \( -name node_modules -o -name gql \) -prune -o -type f -print)

# An installed PostgreSQL (15 or newer) for the second round of tests; the first is on the embedded one.
PG_BIN ?= $(shell for bin in "$$(pg_config --bindir 2>/dev/null)" $$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null); do \
	version=$$("$$bin/postgres" --version 2>/dev/null | sed -E 's/[^0-9]*([0-9]+).*/\1/' || true); \
	[ "$${version:-0}" -ge 15 ] && echo "$$bin" && break; done)

# What a dependency may be licensed under; a word of each, as its metadata says it.
LICENCES := MIT;BSD;Apache;PSF;Python Software Foundation;MPL;Mozilla;ISC;Unlicense;LGPL;Zero;OFL;PostgreSQL;Public Domain

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: run
run: $(VENV)/.base $(WEB) ## set up what is missing, start PostgreSQL and serve on http://127.0.0.1:8000/graphql
	@exec $(BIN)/billing serve

.PHONY: demo
demo: $(VENV)/.base ## run the journey against the running server: community edition to first settled charge
	@exec $(BIN)/billing demo

# What is run once more on an installed server: the rooms whose SQL counts, rates and closes. tests/house reads every
# statement with the parser of the oldest PostgreSQL.
SQL_TESTS := $(addprefix tests/,closing db migrations usage)

.PHONY: test
test: $(VENV)/.dev $(VENV)/.focus $(WEB) ## all tests on the embedded PostgreSQL, then those that can on an installed one
	$(BIN)/pytest -n auto --dist worksteal
	@if [ -n "$(PG_BIN)" ]; then \
		echo "Once more, on $$("$(PG_BIN)/postgres" --version) from $(PG_BIN)"; \
		BILLING_TEST_PG_BIN="$(PG_BIN)" $(BIN)/pytest -n auto -m "not browser and not slow" $(SQL_TESTS); fi

.PHONY: conformance
conformance: $(VENV)/.dev ## what every settlement channel must pass, on the built-in ones
	$(BIN)/pytest $(patsubst plugins/settlement_%/pyproject.toml,--settlement-channel %,$(filter-out %_spec/pyproject.toml,$(PLUGINS)))

.PHONY: lint
lint: $(VENV)/.dev ## style and common mistakes (ruff), and the style of SQL (sqlfluff)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/sqlfluff lint --disable-progress-bar app plugins

.PHONY: format
format: $(VENV)/.dev ## rewrite the code in the one style (ruff)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

.PHONY: typecheck
typecheck: $(VENV)/.dev ## types of app, plugins, tests and bench (mypy --strict)
	$(BIN)/mypy

.PHONY: check
check: lint typecheck test ## lint, typecheck, test

.PHONY: schema
schema: $(VENV)/.base ## print the API's contract to schema.graphql
	$(BIN)/billing schema print > schema.graphql.new
	@mv schema.graphql.new schema.graphql

.PHONY: fuzz
fuzz: $(VENV)/.fuzz ## fuzz the readers of licenses and other documents for FUZZ_SECONDS (60)
	$(BIN)/python -m tests.fuzz.documents -max_total_time=$(or $(FUZZ_SECONDS),60)

.PHONY: fuzz-api
fuzz-api: $(VENV)/.dev ## send 100,000 operations, or CASES=…, of everybody to the API at random (SEED=… for the same again)
	BILLING_TEST_FUZZ_CASES=$(or $(CASES),100000) BILLING_TEST_FUZZ_SEED=$(SEED) \
		$(BIN)/pytest tests/fuzz/test_api.py -q -rP --show-capture=stdout

.PHONY: mutants
mutants: $(VENV)/.mutants ## mutate the Python that money goes through, and run its tests (hours); MUTANTS='app.closing.*' for a part
	$(BIN)/python -m tests.mutation.python $(MUTANTS)

.PHONY: sql-mutants
sql-mutants: $(VENV)/.dev ## the same with the SQL functions that count and rate, or with SQL_MUTANTS=app/closing/sql/close.sql
	$(BIN)/python -m tests.mutation.sql $(SQL_MUTANTS)

.PHONY: bench
bench: $(VENV)/.dev $(WEB) ## compare intake and reading with bare handlers and two rivals, in ten minutes (bench/README.md)
	$(BIN)/python -m bench.intake
	$(BIN)/python -m bench.graphql

.PHONY: sbom
sbom: $(VENV)/.audit ## write the bill of materials of what runs (CycloneDX) to sbom.json
	$(BIN)/cyclonedx-py requirements requirements/base.txt --pyproject pyproject.toml --output-reproducible --of JSON -o sbom.json

.PHONY: audit
audit: $(VENV)/.audit $(WEB) ## look for known holes in dependencies (pip-audit, npm audit; need the network), and at their licences
	$(BIN)/pip-licenses --packages $$(sed -nE 's/^([a-z0-9._-]+)==.*/\1/p' requirements/base.txt) --partial-match --allow-only="$(LICENCES)"
	$(BIN)/pip-audit --require-hashes --disable-pip -r requirements/base.txt
	npm audit --prefix web --omit=dev

.PHONY: pictures
pictures: $(VENV)/.dev $(WEB) ## take the README's pictures anew (needs Chromium)
	$(BIN)/python -m docs.pictures

.PHONY: lock
lock: $(VENV)/.dev ## resolve every pyproject.toml and requirements/*.in into hashed lock files; LOCK_FLAGS=--upgrade for newer ones
	cd requirements && for name in base web dev focus fuzz mutants audit; do \
		sources=$$name.in; [ $$name = base ] && sources="../pyproject.toml $(addprefix ../,$(PLUGINS)) build.in"; \
		../$(BIN)/uv pip compile $$sources --output-file $$name.txt --universal --python-version 3.11 $(LOCK_FLAGS) \
			--generate-hashes --no-emit-index-url --no-header --quiet --no-emit-package settlement-spec; done

.PHONY: clean
clean: ## remove the environment, the built page and caches; data in .data stays
	rm -rf $(VENV) .mutants app/api/static web/node_modules web/console/src/gql .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name __pycache__ -type d -not -path './.data/*' -prune -exec rm -rf {} +

$(VENV)/.made:
	@[ -n "$(PYTHON)" ] || { echo "Python 3.11 or newer is needed; name it with PYTHON=..." >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { \
		echo "$(PYTHON) cannot make a virtual environment; on Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	@touch $@

$(VENV)/.base: $(VENV)/.made requirements/base.txt pyproject.toml $(PLUGINS)
	$(PIP) install --quiet --require-hashes -r requirements/base.txt
	$(PIP) install --quiet --no-deps --no-build-isolation -e . $(patsubst %/pyproject.toml,-e %,$(PLUGINS))
	@touch $@

$(VENV)/.dev: $(VENV)/.base requirements/dev.txt
	$(PIP) install --quiet --require-hashes -r requirements/dev.txt
	@touch $@

# Atheris has packages for Linux on x86-64 alone, and not for every Python.
$(VENV)/.fuzz: $(VENV)/.dev requirements/fuzz.txt
	$(PIP) install --quiet --require-hashes -r requirements/fuzz.txt
	@touch $@

$(VENV)/.mutants: $(VENV)/.dev requirements/mutants.txt
	$(PIP) install --quiet --require-hashes -r requirements/mutants.txt
	@touch $@

$(VENV)/.audit: $(VENV)/.dev requirements/audit.txt
	$(PIP) install --quiet --require-hashes -r requirements/audit.txt
	@touch $@

# The FOCUS validator lives apart from the rest, and has no packages for Python 3.13 and newer: its test is skipped there.
$(VENV)/.focus: $(VENV)/.made requirements/focus.txt
	@if $(BIN)/python -c 'import sys; sys.exit(sys.version_info >= (3, 13))'; then \
		$(BIN)/python -m venv $(VENV)/focus && \
		$(VENV)/focus/bin/python -m pip --disable-pip-version-check --no-input install --quiet --require-hashes \
			-r requirements/focus.txt; fi
	@touch $@

# An installed Node.js is used; a machine without one gets its own, in .venv.
$(WEB): $(WEB_SOURCES) | $(VENV)/.base
	@command -v npm >/dev/null || $(PIP) install --quiet --require-hashes -r requirements/web.txt
	PATH="$$PATH:$(CURDIR)/$(BIN)" web/build.sh
	@mkdir -p $(@D) && touch $@
