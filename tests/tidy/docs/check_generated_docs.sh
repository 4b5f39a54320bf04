#!/bin/bash
# Fails when a document is not what its table says: check_generated_docs.sh PRINT_TABLES DOCS
set -uo pipefail

failed=0
for name in $("$1"); do
  diff --unified "$2/$name.md" <("$1" "$name") || failed=1
done
[[ $failed == 0 ]] || echo "docs/ is out of date: run script/docs" >&2
exit "$failed"
