# spinchip: `make demo` runs the main job, `make test` the tests; both do all set-up. `make help` lists the rest.
# ARGS=... is passed on, as in `make test ARGS="-k kaufman"`.
SHELL := /bin/bash
.DEFAULT_GOAL := help
BIN := .venv/bin
# One thread for linear algebra: the matrices here are small, and spinning threads cost more than they give.
export OPENBLAS_NUM_THREADS := 1
unexport PYTHONPATH PYTHONHOME VIRTUAL_ENV PYTHONDONTWRITEBYTECODE

.PHONY: help setup demo test fast lint check cosim stat interpreters bench docs map clean

help: ## list the targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /make \1\t/' | expand -t 14

setup: ## install what is missing, and nothing else
	@.ci/setup

demo: setup ## the main job: a published spin glass from its file to RTL that is proved to sample it
	@$(BIN)/spinchip demo $(ARGS)

test: setup ## every test but the slow ones, which repeat others at length; SLOW=1 for all, as CI runs them
	@$(BIN)/pytest -n auto --dist loadfile --no-loadscope-reorder $(if $(SLOW),,-m "not slow") $(ARGS)

fast: setup ## unit tests and doctests, without simulators, statistics and peers
	@$(BIN)/pytest -q -m "not icarus and not compiler and not fpga and not slow" \
	  --ignore=tests/unit/emulator/stats --ignore=tests/unit/benchmarks tests/unit $(ARGS)

lint: setup ## formatting, lint, import contracts
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/lint-imports --no-cache >build/lint-imports.log || { cat build/lint-imports.log; exit 1; }

check: lint fast ## lint and the fast tests

cosim: setup ## RTL against golden, under Icarus
	@$(BIN)/pytest -m icarus $(ARGS)

stat: setup ## tests of the gate, its mutants and the exact laws
	@$(BIN)/pytest tests/unit/emulator/stats tests/unit/emulator/oracle tests/unit/emulator/reference/test_exact_law.py $(ARGS)

interpreters: setup ## a part of the tests, and the demo, on Python 3.12 and 3.13 where they are here
	@.ci/interpreters $(ARGS)

bench: setup ## speeds beside peers, as ratios; ARGS="gibbs --quick" for one
	@$(BIN)/python -c 'import dwave.samplers, ferrotherm, openjij, thrml' 2>/dev/null || \
	  $(BIN)/pip install --quiet --disable-pip-version-check -e '.[dev,peers]' || echo 'some peers could not be installed' >&2
	@$(BIN)/spinchip bench $(if $(filter -%,$(firstword $(ARGS) -)),all) $(ARGS)

docs: setup ## the documentation site, into build/site
	@$(BIN)/python -c 'import mkdocs, material, mkdocstrings' 2>/dev/null || \
	  $(BIN)/pip install --quiet --disable-pip-version-check -e '.[docs]'
	@$(BIN)/python .ci/docs.py build/site && echo build/site/index.html

map: setup ## every module with its first docstring line
	@$(BIN)/python .ci/map.py

clean: ## remove what builds and tests leave behind; .venv stays
	@rm -rf build dist out sim_build .pytest_cache .ruff_cache .import_linter_cache .hypothesis .benchmarks
	@find . -path ./.venv -prune -o -name __pycache__ -type d -print0 | xargs -0r rm -rf
