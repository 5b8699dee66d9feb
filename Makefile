# Mutual Value: one command for each thing you do. `make` lists them.
# The first of them makes .venv and installs into it; later ones find it there.
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
UV     ?= uv
FITS   := import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 15))
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	"$$p" -c '$(FITS)' 2>/dev/null && echo "$$p" && break; done)
PYTEST := $(BIN)/python -m pytest -n auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder
PIP    := $(BIN)/python -m pip install -qq --disable-pip-version-check --no-input

.DEFAULT_GOAL := help
.PHONY: help report test test-all lab lint bench mutants sample lock clean

help: ## list the targets
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# The stamp is written last, so that a set-up which was cut off is simply done again.
$(READY): requirements.txt pyproject.toml
	@"$(PYTHON)" -c '$(FITS)' 2>/dev/null || { echo 'Python 3.11 to 3.14 is needed. Where it has another name: make PYTHON=/path/to/python3.12 ...' >&2; exit 1; }
	@echo "Setting up $(VENV): this takes a minute or two, once."
	@"$(PYTHON)" -m venv $(VENV)
	@$(PIP) -r requirements.txt
	@$(PIP) --no-build-isolation --no-deps -e .
	@touch $(READY)

report: $(READY) ## render the reports of data/sample into reports/
	@$(BIN)/mutual-value run --data data/sample --out reports

test: $(READY) ## run the tests but the slow ones
	@$(PYTEST) -m "not slow"

test-all: $(READY) ## run every test, as .ci/run does
	@$(PYTEST)

lab: $(READY) ## open the notebooks in JupyterLab, the first of them in front
	@$(BIN)/jupyter lab notebooks/start.ipynb

lint: $(READY) ## check style, types and that notebooks carry no output
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/nbstripout --keep-id --verify notebooks/*.ipynb notebooks/*/*.ipynb

bench: $(READY) ## measure speed and memory against the baselines: one table, in build/bench.md
	@$(BIN)/python benchmarks/bench.py

mutants: $(READY) ## turn the rules that judge people, one at a time, and see whether a test fails
	@$(BIN)/python -m tests.mutants

sample: $(READY) ## make data/sample again
	@$(BIN)/mutual-value sample --out data/sample --seed 2 --accounts 150

lock: ## pin requirements.txt from pyproject.toml, for every Python and system we support (needs uv)
	$(UV) pip compile --quiet --universal --python-version 3.11 --extra dev --no-header --no-annotate pyproject.toml -o requirements.txt

clean: ## remove what was built
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache
