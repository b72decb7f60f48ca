#!/usr/bin/env bash
# Starts the configuration service. Ctrl-C stops it and everything that it started.
#
#   ./run.sh                 embedded: private PostgreSQL under ./data, cache and vectors in process
#   ./run.sh --help          the service's own switches and settings
#
# Installs PostgreSQL's binaries when they are missing. Data stay in ./data (DATA_DIR to change); a second start finds them again.
set -euo pipefail
root=$(cd "$(dirname "$0")" && pwd)

command -v dotnet >/dev/null || { echo "run.sh: the .NET 10 SDK is missing: https://dot.net/download" >&2; exit 1; }
case " $* " in
  *" --help "*) ;;
  *) [ -n "${ConnectionStrings__Postgres:-}" ] || "$root/eng/install-servers.sh" postgres ;;
esac

project=$root/samples/ConfigurationService
echo "run.sh: building" >&2
dotnet build "$project" -c Release --nologo -v quiet >&2
export DATA_DIR=${DATA_DIR:-$PWD/data}
exec dotnet "$project/bin/Release/net10.0/ConfigurationService.dll" "$@"
