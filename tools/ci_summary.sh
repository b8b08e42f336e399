#!/usr/bin/env bash
# Markdown for a pull request: the verdict with its tables, and what differs from a commit (main).
set -euo pipefail
cd "$(dirname "$0")/.."
PATH="$PWD/.venv/bin:$PATH"
base="${1:-main}"

cat reports/summary.md
echo
echo "### Metrics: this run against $base"
echo
diff=$(dvc metrics diff "$base" --md)
echo "${diff:-No metric differs.}"
echo
echo "### Params: this run against $base"
echo
diff=$(dvc params diff "$base" --md)
echo "${diff:-No param differs.}"
