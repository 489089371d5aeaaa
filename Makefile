# `make` alone lists the targets. Everything runs in .venv, made from the locks.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
PORT ?= 3000
# one more than there are processors: tests with a browser mostly wait for it
TESTS_AT_ONCE ?= $(shell expr $$(nproc 2>/dev/null || echo 1) + 1)
BIN := .venv/bin
# what takes too long to make for both databases stands on the one that EWS_TESTS_ON names
STANDING := tests/e2e tests/serving/test_scoring_outside.py tests/support/test_score_run.py \
  tests/support/test_watching.py tests/web/test_matrix.py tests/web/test_scoring.py
SIDE_BY_SIDE := --numprocesses $(TESTS_AT_ONCE) --maxprocesses 4 --dist loadfile --no-loadscope-reorder
LOCK := --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate
PIP := $(BIN)/python -m pip --disable-pip-version-check

.PHONY: help install install-dev demo test test-postgresql quick check bench lock docs clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

install: .venv/installed ## make .venv from requirements.lock
install-dev: .venv/installed-dev ## the same, with what the tests need

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
	  { echo "ews needs Python 3.11 or later; say which with: make PYTHON=/path/to/python3.11"; exit 2; }
	$(PYTHON) -m venv .venv || { rm -rf .venv; \
	  echo "Python cannot make a virtual environment; on Debian and Ubuntu install python3-venv"; exit 2; }

.venv/installed: .venv/bin/python requirements.lock pyproject.toml
	$(PIP) install --quiet --require-hashes --requirement requirements.lock
	$(PIP) install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

.venv/installed-dev: .venv/installed requirements-dev.lock
	$(PIP) install --quiet --require-hashes --requirement requirements-dev.lock
	@touch $@

demo: install ## a made-up district, from its records to the list in your browser (PORT=3000)
	$(BIN)/ews demo --port $(PORT)

test: install-dev ## check the style and types, then run every test
	$(MAKE) --no-print-directory check
	$(BIN)/python -m pytest $(SIDE_BY_SIDE)

test-postgresql: install-dev ## the browser's stories and the scored district again, on PostgreSQL
	EWS_TESTS_ON=postgresql $(BIN)/python -m pytest $(SIDE_BY_SIDE) $(STANDING)

quick: install-dev ## the tests that take seconds
	$(BIN)/python -m pytest -m "not slow"

check: install-dev ## ruff and mypy
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: install-dev ## every benchmark; each prints JSON lines and fails when a goal is missed
	$(BIN)/python -m benchmarks

docs: install-dev ## write the reference pages and the README's pictures anew
	$(BIN)/python docs/reference.py
	$(BIN)/python docs/pictures.py

lock: install-dev ## resolve the dependencies anew
	$(BIN)/uv pip compile pyproject.toml --extra build --extra postgres $(LOCK) --output-file requirements.lock
	$(BIN)/uv pip compile pyproject.toml --all-extras --constraint requirements.lock $(LOCK) --output-file requirements-dev.lock

clean: ## remove what the demo made (data, models, mlruns); keeps .venv
	@test -f data/demo.json || { echo "There is no finished demo here, so nothing was removed: data, models and mlruns may be a district's own."; \
	  echo "After a demo that was broken off, finish it with: make demo"; exit 2; }
	rm -rf data
	find models mlruns -mindepth 1 ! -name README.md -delete
