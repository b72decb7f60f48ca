#!/usr/bin/env bash
# Commits the table of the last benchmark run as docs/results/latest.md and pushes it. Does nothing when it has not changed.
set -euo pipefail
cd "$(dirname "$0")/.."

cp artifacts/bench/summary.md docs/results/latest.md
git add docs/results/latest.md
git diff --cached --quiet && exit
git -c user.name=benchmarks -c user.email=benchmarks@localhost commit -q -m "Publish the weekly benchmarks" \
  -m "Made by the scheduled run of the full benchmarks."
git push
