#!/usr/bin/env bash
# Makes the packages of the last release, 0.1.0, from its tree in the history, into artifacts/baseline: package validation compares
# with them. They never change, so a second run takes no time.
set -euo pipefail
cd "$(dirname "$0")/.."
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

version=0.1.0 commit=30ab002937268e073deb16e875135a75e6f475b6
out=$PWD/artifacts/baseline
names=(Resilience Cache Vector Health)
complete() { for name in "${names[@]}"; do [ -s "$out/Data.$name.$version.nupkg" ] || return 1; done; }

complete && exit
if ! git cat-file -e "$commit^{commit}" 2>/dev/null; then
  echo "baseline: commit $commit (version $version) is not in this clone. Fetch the whole history: git fetch --unshallow" >&2
  exit 1
fi
mkdir -p "$out"
exec 9>"$out/.lock"; flock 9
complete && exit
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
git archive "$commit" | tar -x -C "$work"
for name in "${names[@]}"; do
  # No git is there, so no source roots for the paths of a CI build; its rules were checked when it was released.
  dotnet pack "$work/src/Data.$name" -c Release -v quiet -o "$work/packages" \
    -p:Version=$version -p:ContinuousIntegrationBuild=false -p:RunAnalyzers=false -p:IncludeSymbols=false >&2
done
mv "$work"/packages/*.nupkg "$out"
