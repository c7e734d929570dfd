# Every job is one command, spelled the same on a laptop and in CI.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
JOBS ?= 2
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.DEFAULT_GOAL := help
.PHONY: help setup demo test bench simulate soak kill check lint types walls clean

help:  ## this text
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):[^#]*## /make \1|/' | column -t -s '|'

demo: $(VENV)/.installed  ## play the whole story: edit, prove, release, hot-load, roll back
	@$(BIN)/python -m tools.demo

test: $(VENV)/.dev  ## install what the tests need and run them all
	@sh tools/install.sh real-s3
	@sh tools/install.sh browser
	@$(BIN)/python -m pytest -n $(JOBS) --dist loadfile $(ARGS)

bench: $(VENV)-bench/.peers  ## print the benchmark tables, peers beside us
	@$(VENV)-bench/bin/python -m benchmarks $(ARGS)

simulate: $(VENV)/.installed  ## how often the gate is wrong, by simulation (minutes)
	@$(BIN)/python -m tools.simulate $(ARGS)

soak: $(VENV)/.dev  ## the commit protocol at length: writers killed, answers lost (an hour)
	@sh tools/install.sh real-s3
	@PROMPTYARD_SOAK=20 $(BIN)/python -m pytest -s -q tests/journeys/test_soak.py $(ARGS)

kill: $(VENV)/.installed  ## the kill test at length: releases flip, the store dies (two minutes)
	@$(BIN)/python -m tools.kill_test $(ARGS)

check: lint types walls test  ## all that CI checks

lint: $(VENV)/.dev  ## ruff, and our own lint over our own prompts
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/promptyard lint

types: $(VENV)/.dev  ## mypy, strict
	@$(BIN)/mypy

walls: $(VENV)/.dev  ## who may import whom
	@$(BIN)/lint-imports

setup: $(VENV)/.dev  ## an environment with everything in it

clean:  ## remove the environment and what was built
	rm -rf $(VENV) $(VENV)-bench build dist .promptyard

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Promptyard needs Python 3.11 or newer; this is " + sys.version.split()[0] + ". Try: make PYTHON=python3.12 demo")'
	@echo "setting up $(VENV) (once)"
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: pyproject.toml | $(VENV)/bin/python
	@$(PIP) -e '.[all]'
	@touch $@

$(VENV)-bench/.peers: pyproject.toml
	@echo "setting up $(VENV)-bench with the peers (once)"
	@$(PYTHON) -m venv $(VENV)-bench
	@$(VENV)-bench/bin/python -m pip install --quiet --disable-pip-version-check -e '.[all]' pytest langfuse mlflow-skinny prompty dotpromptz
	@touch $@

$(VENV)/.dev: $(VENV)/.installed
	@$(PIP) -e '.[all,dev]'
	@touch $@
