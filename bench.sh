#!/usr/bin/env bash
# Measures the packages against honest baselines, in turns within one run. Results: artifacts/bench/summary.json and summary.md.
#
#   ./bench.sh               everything
#   ./bench.sh --quick       the short form that CI runs
#   ./bench.sh cache         what contains the word; --list names all, --help tells more
set -euo pipefail
cd "$(dirname "$0")"
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_TieredCompilation=1

case " $* " in
  *" --help "* | *" --list "*) ;;
  *) eng/install-servers.sh postgres redis nats pgbouncer chroma peers ;;
esac
dotnet build benchmarks/Data.Benchmarks -c Release -v quiet >&2
exec dotnet benchmarks/Data.Benchmarks/bin/Release/net10.0/Data.Benchmarks.dll "$@"
