# Mutual Value: one command for each thing you do. `make` lists them.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
UV     ?= uv

.DEFAULT_GOAL := help
.PHONY: help report test lab lint bench sample lock clean

help: ## list the targets
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(READY): requirements.txt pyproject.toml
	$(PYTHON) -c "import sys; v = sys.version_info; sys.exit(0 if (3, 11) <= v < (3, 15) else f'Python 3.11 to 3.14 is needed, this is {v.major}.{v.minor}: make PYTHON=python3.12 ...')"
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps -e .
	@touch $(READY)

report: $(READY) ## render the reports of data/sample into reports/
	$(BIN)/mutual-value run --data data/sample --out reports

test: $(READY) ## run the tests
	$(BIN)/python -m pytest

lab: $(READY) ## open the notebooks in JupyterLab
	$(BIN)/jupyter lab notebooks

lint: $(READY) ## check style, types and that notebooks carry no output
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/nbstripout --verify notebooks/*.ipynb

bench: $(READY) ## measure speed and memory against the baselines
	$(BIN)/python benchmarks/ledger.py

sample: $(READY) ## make data/sample again
	$(BIN)/mutual-value sample --out data/sample --seed 7 --accounts 150

lock: ## pin requirements.txt from pyproject.toml, for every Python and system we support (needs uv)
	$(UV) pip compile --quiet --universal --python-version 3.11 --extra dev --no-header --no-annotate pyproject.toml -o requirements.txt

clean: ## remove what was built
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache
