#!/usr/bin/env bash
# Installs the servers that the tests, the benchmarks and the service start privately, the linker of native compilation, and the
# tracer that makes calls to the disk fail. Idempotent, without prompts.
#
#   eng/install-servers.sh [postgres] [redis] [nats] [chroma] [pgvector] [pgbouncer] [chromium] [linker] [strace] [peers]
#
# Without a part it installs all but peers. Debian's packages need root or sudo; Chroma and pgvector, a PostgreSQL with that extension for
# Node.js, come from npm into cache folders of the user's. A part that is already there is left alone, so a second run takes well under a second.
set -euo pipefail
cd "$(dirname "$0")"

chroma_home=${DATA_CHROMA_HOME:-${XDG_CACHE_HOME:-$HOME/.cache}/data-libraries/chroma-1.0.5}
pgvector_home=${DATA_PGVECTOR_HOME:-${XDG_CACHE_HOME:-$HOME/.cache}/data-libraries/pglite-0.5.14}
say() { printf 'servers: %s\n' "$*" >&2; }

have() {
  case $1 in
    postgres)  [ -x "${DATA_POSTGRES_BIN:-}/initdb" ] || compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || command -v initdb >/dev/null ;;
    redis)     command -v redis-server >/dev/null ;;
    nats)      command -v nats-server >/dev/null || [ -x /usr/sbin/nats-server ] ;;
    pgbouncer) command -v pgbouncer >/dev/null || [ -x /usr/sbin/pgbouncer ] ;;
    chromium)  command -v chromium >/dev/null ;;
    linker)    command -v clang >/dev/null || { command -v gcc >/dev/null && [ -e /usr/include/stdio.h ]; } ;;
    strace)    command -v strace >/dev/null ;;
    peers)     [ -d /usr/include/hnswlib ] && command -v g++ >/dev/null ;;
    chroma)    [ -f "$chroma_home/.installed" ] && command -v node >/dev/null ;;
    pgvector)  [ -f "$pgvector_home/.installed" ] && command -v node >/dev/null ;;
  esac
}

debian_package() {
  case $1 in
    # Other releases than Debian 12 have another version: their own default will do.
    postgres) apt-cache show postgresql-15 >/dev/null 2>&1 && echo postgresql-15 || echo postgresql ;;
    redis) echo redis-server ;; nats) echo nats-server ;; pgbouncer) echo pgbouncer ;;
    chromium) echo chromium ;; strace) echo strace ;; linker) echo gcc libc6-dev zlib1g-dev ;; peers) echo libhnswlib-dev g++ ;;
  esac
}

# Takes parts, not packages: which package holds a part is known only after the lists are fresh.
install_debian() {
  local sudo=() packages=() found=() part
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null && sudo -n true 2>/dev/null && sudo=(sudo -n) ||
      { say "missing: $*. Ask an administrator for: sudo eng/install-servers.sh $*"; exit 1; }
  fi
  # Debian starts a daemon as it installs it and makes a default cluster: neither is wanted, ours are private.
  local policy=/usr/sbin/policy-rc.d
  if [ ! -e $policy ]; then
    # On exit, whatever the reason: a forgotten policy would keep the machine's own services from starting.
    trap "${sudo[*]} rm -f $policy" EXIT
    printf '#!/bin/sh\nexit 101\n' | "${sudo[@]}" tee $policy >/dev/null; "${sudo[@]}" chmod +x $policy
  fi
  if [ ! -e /etc/postgresql-common/createcluster.conf ]; then
    "${sudo[@]}" mkdir -p /etc/postgresql-common
    echo 'create_main_cluster = false' | "${sudo[@]}" tee /etc/postgresql-common/createcluster.conf >/dev/null
  fi
  local get=("${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300)
  "${get[@]}" update >&2
  for part in "$@"; do read -ra found < <(debian_package "$part"); packages+=("${found[@]}"); done
  say "installing ${packages[*]} from Debian"
  "${get[@]}" install -y --no-install-recommends "${packages[@]}" >&2
}

# Takes a part, its folder, what it is, its package.json, and further arguments for npm.
install_npm() {
  local part=$1 home=$2
  command -v npm >/dev/null || { say "missing: npm. Install Node.js 20 or newer"; exit 1; }
  say "installing $3 from npm into $home"
  mkdir -p "$home"
  exec 9>"$home/.lock"; flock 9
  have "$part" && return
  printf '%s\n' "$4" >"$home/package.json"
  (cd "$home" && npm install --ignore-scripts --no-audit --no-fund --loglevel=error "${@:5}" >&2)
  touch "$home/.installed"
}

install_part() {
  case $1 in
    # 1.0.5 is the newest binding that runs on glibc 2.36.
    chroma) install_npm chroma "$chroma_home" 'Chroma 1.0.5 (about 420 MB)' \
      '{ "private": true, "dependencies": { "chromadb": "3.0.4" }, "overrides": { "chromadb-js-bindings-linux-x64-gnu": "1.0.5" } }' ;;
    # Only what is listed: PGlite's server names every extension there is as a peer.
    pgvector) install_npm pgvector "$pgvector_home" 'PGlite 0.5.14 with pgvector 0.8 (about 27 MB)' \
      '{ "private": true, "dependencies": { "@electric-sql/pglite": "0.5.14", "@electric-sql/pglite-pgvector": "0.0.15",
         "@electric-sql/pglite-socket": "0.2.17" } }' --legacy-peer-deps ;;
  esac
}

parts=("$@"); [ $# -gt 0 ] || parts=(postgres redis nats pgbouncer chroma pgvector chromium linker strace)
missing=()
for part in "${parts[@]}"; do
  case $part in postgres|redis|nats|pgbouncer|chromium|linker|strace|peers|chroma|pgvector) ;; *) say "unknown part '$part'"; exit 2 ;; esac
  case $part in
    chroma|pgvector) ;;
    *) have "$part" || missing+=("$part") ;;
  esac
done
[ ${#missing[@]} -eq 0 ] || install_debian "${missing[@]}"
for part in "${parts[@]}"; do
  have "$part" || install_part "$part"
done
for part in "${parts[@]}"; do have "$part" || { say "$part did not install"; exit 1; }; done
