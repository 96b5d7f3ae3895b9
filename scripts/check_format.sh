#!/usr/bin/env bash
# Fails unless every tracked C++ file is as clang-format would write it and every tracked Python file passes ruff.
#
# usage: check_format.sh [RUFF]     (RUFF: path of the linter, default: ruff on the PATH)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
git ls-files -z '*.h' '*.cc' | xargs -0 -r clang-format-14 --dry-run -Werror
git ls-files -z '*.py' | xargs -0 -r "${1:-ruff}" check --quiet
