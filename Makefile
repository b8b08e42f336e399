# The commands of the README. `make help` lists them.
PYTHON ?= python3
# No recipe shows a path to the shell, and $(value PATH) none to make: a folder's name may hold $(…).
export PATH := $(CURDIR)/.venv/bin:$(value PATH)
unexport PYTHONSAFEPATH  # `python3 -m stages.NAME` is found in this folder
PY := .venv/bin/python
unexport PYTHONSAFEPATH  # with it Python does not find stages/
COMPILE = $(PY) -m piptools compile -q --strip-extras --no-emit-index-url --no-emit-find-links \
  --no-header --annotation-style line

.PHONY: help setup run studies experiments test test-slow test-browser lint lock verify audit clean .git-ready
.DEFAULT_GOAL := help

help:  ## list the targets
	@grep -E '^[a-z-]+:.*##' Makefile | sed -E 's/:[^#]*## */\t/' | expand -t 14

setup: .venv/ready .git-ready  ## install everything into .venv (done once, and again when the lock changes)

run: setup  ## run what has changed since the last run: the default experiment on a fresh clone
	@$(PY) tools/mend.py && $(PY) -m dvc repro dvc.yaml

studies: setup  ## run the studies and maps of studies/params.yaml, and publish the maps for the page
	@$(PY) tools/mend.py && $(PY) -m dvc repro studies/dvc.yaml
	@for folder in reports/studies/maps/*/; do \
	  [ -d "$$folder" ] || continue; \
	  published="reports/maps/$$(basename "$$folder")" && mkdir -p "$$published" && \
	  cp "$$folder"scores.csv "$$folder"pairs.csv "$$folder"params.yaml "$$published" || exit 1; \
	done
	@echo "The maps are in reports/maps/: the next \`make run\` shows them on the page"

experiments: setup  ## all experiments in one table: their errors, and the params that differ
	@$(PY) -m dvc exp show --only-changed --hide-workspace --no-pager \
	  --drop '^(?!Experiment$$|(.*:)?(seq_len|seeds|device|(data|split|training|models)\..*)$$|(.*:)?[a-z0-9_]*\.mse$$).*'

test: setup  ## the fast tests, under two minutes
	@$(PY) -m pytest -q -n auto --dist loadfile

test-slow: .venv/slow .git-ready  ## the tests that take minutes: kills, clusters, remotes, whole pipelines
	@$(PY) -m pytest -q -n auto --dist worksteal -m slow

test-browser: setup  ## the page in a real browser (Chromium and its driver)
	@$(PY) -m pytest -q -m browser

lint: setup  ## style and types
	@$(PY) -m ruff check . && $(PY) -m ruff format --check . && $(PY) -m mypy

lock: setup  ## write requirements.txt and requirements-slow.txt anew from pyproject.toml
	@$(COMPILE) --extra dev -o requirements.txt pyproject.toml
	@$(COMPILE) --extra cluster --extra remotes --extra slow --constraint requirements.txt -o requirements-slow.txt pyproject.toml
	@sed -i 's/+cpu//' requirements.txt requirements-slow.txt

verify: setup  ## hash all results again, and compute those again that follow from others
	@PYTHONPATH=src $(PY) -m seqcompare.verify

audit: setup  ## known vulnerabilities of the pinned packages
	@$(PYTHON) -m venv .venv/audit && .venv/audit/bin/python -m pip install -q pip-audit && .venv/audit/bin/python -m pip_audit --no-deps -r requirements.txt

clean:  ## remove .venv and everything that `make run` can make again
	rm -rf .venv .checkpoints .trials data/series.csv data/split.csv data/weights data/training data/timing data/environment

.venv/ready: requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed, this is " + sys.version.split()[0] + ": try make PYTHON=python3.12")'
	@[ ! -L .venv ] || { echo "error: .venv is a symbolic link: remove it, and make sets up another here" >&2; exit 1; }
	@echo "Setting up .venv: a few minutes the first time"
	@$(PYTHON) -m venv .venv
	@$(PY) -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@$(PY) -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	@if [ "$$(git rev-parse --is-shallow-repository 2>/dev/null)" = true ]; then \
	  echo "This clone is shallow: experiments with --temp or --queue need \`git fetch --unshallow\` first"; \
	fi
	@touch $@

# Dask, SSH, S3: nothing but the slow tests needs them here.
.venv/slow: .venv/ready requirements-slow.txt
	@$(PY) -m pip install --quiet --disable-pip-version-check -r requirements-slow.txt
	@touch $@

# `dvc exp run` makes commits, for which Git wants a name; a copy without Git has no experiments.
.git-ready:
	@said=$$(LC_ALL=C git rev-parse --git-dir 2>&1) && found=0 || found=$$?; \
	case "$$found $$said" in \
	  0*) [ -n "$$(git config user.email)$$GIT_AUTHOR_EMAIL" ] || { \
	    git config user.name seqcompare && git config user.email seqcompare@localhost && \
	    echo "Git has no user here, which experiments need: this clone now has seqcompare@localhost" && \
	    echo "(your own: git config user.name NAME; git config user.email MAIL)"; } ;; \
	  *safe.directory*) printf 'error: Git refuses this folder, which another user owns: %s\n' \
	    "git config --global --add safe.directory $$(printf %s "$$said" | sed -n 's/.*safe.directory //p')" >&2; exit 1 ;; \
	  *) [ -e .git ] || grep -qs no_scm .dvc/config.local || $(PY) -m dvc config --local core.no_scm true ;; \
	esac
