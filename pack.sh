#!/usr/bin/env bash
# Packs the four packages with their symbols, and compares them with those of the last release (eng/baseline.sh).
#
#   ./pack.sh [FOLDER] [VERSION] [dotnet pack's own switches]     default: artifacts/packages and the version in Directory.Build.props
#
# REPOSITORY_URL: the repository's address for the packages and SourceLink; default: git's origin.
# BASELINE=none: no comparison, for an archive without the history.
set -euo pipefail
out=$(realpath -m "${1:-$(dirname "$0")/artifacts/packages}")
version=${2:-}
cd "$(dirname "$0")"
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

compare=(-p:EnablePackageValidation=false)
[ "${BASELINE:-}" = none ] || { eng/baseline.sh; compare=(); }
mkdir -p "$out"
for name in Resilience Cache Vector Health; do
  # The SDK skips the comparison when an earlier one left this mark, whatever that was with.
  rm -f "src/Data.$name/obj/Release/"{,net10.0/}Microsoft.NET.ApiCompat.ValidatePackage.semaphore
  dotnet pack "src/Data.$name" -c Release -v quiet -o "$out" ${version:+-p:Version=$version} "${compare[@]}" "${@:3}"
done
ls "$out"
