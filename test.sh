#!/usr/bin/env bash
# Builds everything, runs every test project and ends with the line `N passed, N failed[, N skipped]`.
#
#   ./test.sh                all of it
#   ./test.sh Cache Health   the test projects whose name contains one of the words
#   ./test.sh redis          the cache's suites on the newest Redis client
#
# Servers are private, on free loopback ports, in temporary folders: nothing that runs on this machine is touched, and two
# runs at once do not meet. A server that is missing is installed first; where that is not possible its tests are skipped
# with a reason, and fail with CI=true.
set -uo pipefail
cd "$(dirname "$0")"
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

# The newest StackExchange.Redis that the cache is tested on, beside the floor that it is compiled against.
redis_client=3.4.35

step() { printf '\n== %s\n' "$*"; }

step "servers"
eng/install-servers.sh || { [ "${CI:-}" = true ] && exit 1; echo "Tests that need what is missing will be skipped."; }

step "build"
dotnet build Libraries.sln -c Release -v quiet || { echo "0 passed, 1 failed"; exit 1; }

results=$PWD/artifacts/test-results
rm -rf "$results" && mkdir -p "$results"
passed=0 failed=0 skipped=0 unstable=()

# Runs a test program with the rest of the arguments as filters, and adds its counts. A few tests that fail are run a second time, alone:
# what passes then was disturbed by the machine's other work, and is listed at the end as unstable.
run() {
  local name=$1 program=$2 start=$SECONDS code p f s e test again=()
  shift 2
  step "$name"
  # The limit turns a test that hangs into a failure that says which project hung.
  timeout --kill-after=30 1200 dotnet "$program" -noLogo "$@" -xml "$results/$name.xml" </dev/null
  code=$?
  if [ -s "$results/$name.xml" ]; then
    read -r p f s e < <(sed -n 's/.*<assembly \([^>]*\)>.*/\1/p' "$results/$name.xml" | head -1 | awk '{
      for (i = 1; i <= NF; i++) { split($i, a, "="); gsub(/"/, "", a[2]); v[a[1]] = a[2] } print v["passed"]+0, v["failed"]+0, v["skipped"]+0, v["errors"]+0 }')
  else
    p=0 f=0 s=0 e=0
  fi
  if [ "$f" -gt 0 ] && [ "$f" -le 5 ]; then
    step "$name, what failed once more"
    while read -r test; do again+=(-method "$test"); done < <(failures "$results/$name.xml")
    if timeout --kill-after=30 300 dotnet "$program" -noLogo "${again[@]}" -xml "$results/$name.again.xml" </dev/null; then
      for test in "${again[@]}"; do [ "$test" = -method ] || unstable+=("$test"); done
      p=$((p + f)) f=0
      [ "$e" -eq 0 ] && code=0
    fi
  fi
  # A crash, a time-out or an error outside a test counts as a failure: it never passes as silence.
  [ $((f + e)) -eq 0 ] && [ $code -ne 0 ] && { echo "$name ended with code $code"; f=1; }
  [ $((p + f + e + s)) -eq 0 ] && { echo "$name ran no test"; f=1; }
  passed=$((passed + p)) failed=$((failed + f + e)) skipped=$((skipped + s))
  echo "$name: $p passed, $((f + e)) failed, $s skipped in $((SECONDS - start)) s"
}

# The full names of the methods that failed.
failures() {
  tr '>' '\n' < "$1" | sed -n '/<test .*result="Fail"/{s/.* type="\([^"]*\)".* method="\([^"]*\)".*/\1.\2/p}' | sort -u
}

# Whether a project's name contains one of the words, or there are none.
wanted() {
  local name=$1 word
  shift
  [ $# -eq 0 ] && return
  for word in "$@"; do case $name in *"$word"*) return 0 ;; esac; done
  return 1
}

for project in tests/*/*.csproj; do
  name=$(basename "$project" .csproj)
  [ "$name" = Data.TestServers ] && continue
  wanted "$name" "$@" && run "$name" "tests/$name/bin/Release/net10.0/$name.dll"
done

# The cache's suites once more on the newest Redis client, which replaces the floor's in a second output folder.
for project in Data.Conformance Data.FaultTests; do
  name=$project.redis-$redis_client
  wanted "$name" "$@" || continue
  if dotnet build "tests/$project" --no-dependencies -c Release -v quiet -p:RedisClientVersion="$redis_client"; then
    run "$name" "tests/$project/bin/redis-$redis_client/Release/net10.0/$project.dll" -namespace "$project.Cache*"
  else
    echo "$name did not build" && failed=$((failed + 1))
  fi
done

echo
[ ${#unstable[@]} -eq 0 ] || printf 'unstable, passed the second time: %s\n' "${unstable[@]}"
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
