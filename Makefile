# Everything runs in the Python environment that is active; PYTHON=... picks another interpreter.
PYTHON ?= python3
PACKAGES := configs data inference model training
LINKS := $(PACKAGES:%=.typecheck/conflictner/%)

.DEFAULT_GOAL := help
.PHONY: help install test lint format typecheck bench model baselines build clean

help: ## list the targets
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/make \1|\2/p' $(firstword $(MAKEFILE_LIST)) | awk -F '|' '{printf "%-16s %s\n", $$1, $$2}'

install: ## install the package editable, with everything that development needs
	$(PYTHON) -m pip install -e '.[dev]'

test: ## run the tests
	$(PYTHON) -m pytest

lint: ## check style and formatting
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .

format: ## mend style and formatting where that is safe
	$(PYTHON) -m ruff check --fix .
	$(PYTHON) -m ruff format .

typecheck: $(LINKS) ## check types, strictly
	$(PYTHON) -m mypy .typecheck/conflictner

# The packages have their import names only once installed; in this tree of links mypy sees them under those names.
$(LINKS): .typecheck/conflictner/%:
	mkdir -p $(@D)
	ln -sfn ../../$* $@

bench: ## measure speed and memory of the bundled model
	$(PYTHON) -m conflictner.inference.command_line bench

model: ## make the bundled model again, as runs/distilled (two hours on two cores)
	mkdir -p runs
	$(PYTHON) -m conflictner.inference.command_line data attach data/annotations/open-news-1.jsonl ../shared/corpus -o runs/open-news-1.jsonl
	$(PYTHON) -m conflictner.inference.command_line distill configs/distill/default.yaml

baselines: ## train the baselines on our split and score them beside the bundled model (needs the benchmark extra)
	$(PYTHON) -m conflictner.inference.command_line benchmark baselines configs/benchmark/baselines.yaml

build: ## build the source distribution, and the wheel from it, into dist/
	rm -rf build dist *.egg-info
	$(PYTHON) -m build

clean: ## remove what building, testing and checking left behind
	rm -rf build dist *.egg-info .typecheck .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find $(PACKAGES) tests -name __pycache__ -type d -prune -exec rm -rf {} +
