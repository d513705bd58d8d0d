# Every target sets up what it needs: a virtual environment in .venv from requirements.lock, nothing else.
PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
READY := $(VENV)/.ready
export DAGSTER_HOME ?= $(CURDIR)/.dagster
export PYTHONDONTWRITEBYTECODE ?=

.PHONY: run test lint types dev bench lock sample docs clean help

help:  ## List the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*##/\t/' | expand -t 10

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; $(PYTHON) is older. Name another with: make PYTHON=python3.12"; exit 2; }
	@$(PYTHON) -c 'import ensurepip' || { echo "The venv module of $(PYTHON) is incomplete. On Debian: apt-get install python3-venv"; exit 2; }
	$(PYTHON) -m venv --clear $(VENV)
	$(PY) -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	$(PY) -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $(READY)

run: $(READY)  ## Run the pipeline on the exports in data/raw and publish
	$(PY) -m pipeline run

test: lint types  ## Lint, types and all tests
	$(PY) -m pytest -n auto

lint: $(READY)  ## Ruff: rules and format
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .

types: $(READY)  ## mypy
	$(PY) -m mypy

dev: $(READY)  ## Dagster's UI on 127.0.0.1:3000
	$(PY) -m pipeline dev

bench: $(READY)  ## Speed and memory, printed as ratios; writes benchmarks/results
	$(PY) -m benchmarks

docs: $(READY)  ## Rewrite the generated pages (data dictionary, command reference)
	$(PY) -m pipeline docs --write

lock: $(READY)  ## Resolve requirements.lock anew from pyproject.toml
	$(PY) -m uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 --generate-hashes --no-annotate \
		--custom-compile-command "make lock" --upgrade --output-file requirements.lock

sample: $(READY)  ## Make data/raw/sample anew from the simulated business
	rm -rf build/sample data/raw/sample
	$(PY) -m pipeline demo --out build/sample
	mv build/sample/data/raw data/raw/sample
	cp build/sample/journeys.yaml data/raw/sample/journeys.yaml

clean:  ## Remove what can be made again (never data/raw)
	rm -rf $(VENV) .pytest_cache .ruff_cache .mypy_cache .hypothesis build *.egg-info
