#!/usr/bin/env bash
# Markdown for a pull request: the verdict with its tables, and what differs from a commit (main).
set -euo pipefail
cd "$(dirname "$0")/.."
PATH="$PWD/.venv/bin:$PATH"
base="${1:-main}"

differences() {  # what: metrics or params
  echo
  echo "### ${1^}: this run against $base"
  echo
  local table
  table=$(dvc "$1" diff "$base" --md)
  if [ "$(grep -c '^|' <<< "$table")" -gt 2 ]; then echo "$table"; else echo "No difference."; fi
}

cat reports/summary.md
differences metrics
differences params
