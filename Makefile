# The commands of the README. `make help` lists them.
PYTHON ?= python3
export PATH := $(CURDIR)/.venv/bin:$(PATH)
COMPILE = pip-compile -q --strip-extras --no-emit-index-url --no-emit-find-links \
  --no-header --annotation-style line

.PHONY: help setup run sweeps experiments test test-slow test-browser lint lock verify audit licences clean .git-ready
.DEFAULT_GOAL := help

help:  ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## */\t/' | expand -t 12

setup: .venv/ready  ## install everything into .venv (done once, and again when the lock changes)

run: setup  ## run what has changed since the last run: the default experiment on a fresh clone
	@python3 tools/check.py
	@python3 tools/mend.py
	@dvc repro
	@head -n 1 reports/summary.md
	@echo "Page: file://$(CURDIR)/reports/report.html"

sweeps: setup  ## train the sweeps of sweeps/params.yaml; what is done is not done again
	@python3 tools/mend.py
	@dvc repro sweeps/dvc.yaml
	@PYTHONPATH=src python3 -m seqcompare.verify --sweeps
	@[ ! -e reports/sweeps/settings.json ] || cp reports/sweeps/settings.json reports/maps/
	@echo "Maps: reports/sweeps/*.png   Tables: reports/sweeps/*.md and *.csv"
	@echo "The page shows the maps of reports/maps/ after the next \`make run\`"

experiments: setup  ## all experiments in one table: their errors, and the params that differ
	@dvc exp show --only-changed --hide-workspace --no-pager \
	  --drop '^(?!Experiment$$|(.*:)?(seq_len|seeds|device|(data|split|training|models)\..*)$$|(.*:)?[a-z0-9_]*\.mse$$).*'

test: setup  ## the fast tests, under three minutes
	@pytest -q -n auto --dist loadfile

test-slow: .venv/slow  ## the tests that take minutes: kills, clusters, remotes, whole pipelines
	@pytest -q -n auto --dist loadfile -m slow

test-browser: setup  ## the page in a real browser (Chromium and its driver)
	@pytest -q -m browser

lint: setup  ## style and types
	@ruff check . && ruff format --check . && mypy

lock: setup  ## write requirements.txt and requirements-slow.txt anew from pyproject.toml
	@$(COMPILE) --extra dev -o requirements.txt pyproject.toml
	@$(COMPILE) --extra cluster --extra remotes --extra slow --constraint requirements.txt -o requirements-slow.txt pyproject.toml
	@sed -i 's/+cpu//' requirements.txt requirements-slow.txt

verify: setup  ## hash all results again, and compute those again that follow from others
	@python3 tools/verify.py

audit: setup  ## known vulnerabilities of the pinned packages; says so where no one can be asked
	@[ -x .venv/audit/bin/pip-audit ] || { $(PYTHON) -m venv .venv/audit && \
	  .venv/audit/bin/python -m pip install --quiet --disable-pip-version-check pip-audit; } || true
	@python3 tools/audit.py

licences: setup  ## what each pinned package that is installed states as its licence
	@python3 tools/licences.py

clean:  ## remove .venv and everything that `make run` can make again
	rm -rf .venv .checkpoints .sweep data/runs data/series.csv data/split.json

.venv/ready: requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed, this is " + sys.version.split()[0] + ": try make PYTHON=python3.12")'
	@[ ! -L .venv ] || { echo "error: .venv is a symbolic link: remove it, and make sets up another here" >&2; exit 1; }
	@echo "Setting up .venv: a few minutes the first time"
	@$(PYTHON) -m venv .venv
	@.venv/bin/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	@$(MAKE) --no-print-directory .git-ready
	@touch $@

# Dask, SSH, S3: nothing but the slow tests needs them here.
.venv/slow: .venv/ready requirements-slow.txt
	@.venv/bin/python -m pip install --quiet --disable-pip-version-check -r requirements-slow.txt
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
