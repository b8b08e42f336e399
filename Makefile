# The commands of the README. `make help` lists them.
PYTHON ?= python3
export PATH := $(CURDIR)/.venv/bin:$(PATH)

.PHONY: help setup run test test-slow test-browser lint lock clean .git-ready
.DEFAULT_GOAL := help

help:  ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## */\t/' | expand -t 12

setup: .venv/ready  ## install everything into .venv (done once, and again when the lock changes)

run: setup  ## run what has changed since the last run: the default experiment on a fresh clone
	@dvc repro
	@head -n 1 reports/summary.md
	@echo "Page: file://$(CURDIR)/reports/report.html"

test: setup  ## the fast tests, under three minutes
	@pytest -q

test-slow: setup  ## the tests that take minutes: kills, simulations, whole pipelines
	@pytest -q -m slow

test-browser: setup  ## the page in a real browser (Chromium and its driver)
	@pytest -q -m browser

lint: setup  ## style and types
	@ruff check . && ruff format --check . && mypy

lock: setup  ## write requirements.txt anew from pyproject.toml
	@pip-compile -q --extra dev --strip-extras --no-emit-index-url --no-emit-find-links \
	  --no-header --annotation-style line -o requirements.txt pyproject.toml
	@sed -i 's/+cpu//' requirements.txt

clean:  ## remove .venv and everything that `make run` can make again
	rm -rf .venv .checkpoints data/runs data/series.csv data/split.json

.venv/ready: requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed, this is " + sys.version.split()[0] + ": try make PYTHON=python3.12")'
	@echo "Setting up .venv: a few minutes the first time"
	@$(PYTHON) -m venv .venv
	@.venv/bin/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	@$(MAKE) --no-print-directory .git-ready
	@touch $@

# `dvc exp run` makes commits, for which Git wants a name; a copy without Git has no experiments.
.git-ready:
	@if ! git rev-parse --git-dir >/dev/null 2>&1; then \
	  dvc config --local core.no_scm true; \
	elif ! git config user.email >/dev/null && [ -z "$$GIT_AUTHOR_EMAIL" ]; then \
	  git config user.name seqcompare; \
	  git config user.email seqcompare@localhost; \
	  echo "Git has no user here, which experiments need: this clone now has seqcompare@localhost"; \
	  echo "(your own: git config user.name NAME; git config user.email MAIL)"; \
	fi
