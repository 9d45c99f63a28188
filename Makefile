# Everything runs in the Python environment that is active; PYTHON=... picks another interpreter.
PYTHON ?= python3
CONFLICTNER := $(PYTHON) -m conflictner.inference.command_line
PACKAGES := configs data inference model training
LINKS := $(PACKAGES:%=.typecheck/conflictner/%)

.DEFAULT_GOAL := help
.PHONY: help install test lint format typecheck bench fuzz attach teachers model baselines build clean

help: ## list the targets
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/make \1|\2/p' $(firstword $(MAKEFILE_LIST)) | awk -F '|' '{printf "%-16s %s\n", $$1, $$2}'

install: ## install the package editable, with everything that development needs
	$(PYTHON) -m pip install -e '.[dev]'

test: ## run the tests, on all cores
	$(PYTHON) -m pytest -n logical --dist worksteal

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
	$(CONFLICTNER) bench

# A finding is kept in runs/fuzz: `python -m tests.fuzz replay FOLDER` tries it again. Another SEED, other inputs.
MINUTES ?= 10
SEED ?= 1
fuzz: ## try hostile texts and damaged files, each for MINUTES (10)
	$(PYTHON) -m tests.fuzz all --minutes $(MINUTES) --seed $(SEED)

attach: ## join the annotations of open news to their text, as runs/open-news-*.jsonl
	mkdir -p runs
	for part in 1 2; do $(CONFLICTNER) data attach data/annotations/open-news-$$part.jsonl ../shared/corpus -o runs/open-news-$$part.jsonl; done

teachers: attach ## make the larger encoder and the three teachers of the bundled model (minutes on a large GPU)
	$(CONFLICTNER) pretrain configs/pretrain/gpu-teacher.yaml
	$(CONFLICTNER) train configs/finetune/teacher.yaml --set output=runs/teacher-1 --set finetune.seed=1 --set finetune.learning_rate=2.5e-4
	$(CONFLICTNER) train configs/finetune/teacher.yaml --set output=runs/teacher-2 --set finetune.seed=2 --set finetune.learning_rate=4.0e-4
	$(CONFLICTNER) train configs/finetune/teacher.yaml --set output=runs/teacher-3 --set finetune.seed=3 --set finetune.learning_rate=3.0e-4

model: attach ## make the bundled model again, as runs/in-articles, from model/encoder and the teachers (minutes on a large GPU, a night on two cores)
	$(CONFLICTNER) distill configs/distill/default.yaml
	$(CONFLICTNER) distill configs/distill/articles.yaml

baselines: ## train the baselines on our split and score them beside the bundled model (needs the benchmark extra)
	$(CONFLICTNER) benchmark baselines configs/benchmark/baselines.yaml

build: ## build the source distribution, and the wheel from it, into dist/
	rm -rf build dist *.egg-info
	$(PYTHON) -m build

clean: ## remove what building, testing and checking left behind
	rm -rf build dist *.egg-info .typecheck .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find $(PACKAGES) tests -name __pycache__ -type d -prune -exec rm -rf {} +
