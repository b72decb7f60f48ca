#!/usr/bin/env bash
# Installs the servers that the tests, the benchmarks and the service start privately, the linker of native compilation, and the
# tracer that makes calls to the disk fail. Idempotent, without prompts.
#
#   eng/install-servers.sh [postgres] [redis] [nats] [chroma] [pgbouncer] [chromium] [linker] [strace] [peers]     default: all but peers
#
# Debian's packages need root or sudo; Chroma comes from npm into a cache folder of the user's. A part that is
# already there is left alone, so a second run takes well under a second.
set -euo pipefail
cd "$(dirname "$0")"

chroma_home=${DATA_CHROMA_HOME:-${XDG_CACHE_HOME:-$HOME/.cache}/data-libraries/chroma-1.0.5}
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

install_chroma() {
  command -v npm >/dev/null || { say "missing: npm. Install Node.js 20 or newer"; exit 1; }
  say "installing Chroma 1.0.5 from npm into $chroma_home (about 420 MB)"
  mkdir -p "$chroma_home"
  exec 9>"$chroma_home/.lock"; flock 9
  have chroma && return
  # 1.0.5 is the newest binding that runs on glibc 2.36.
  cat >"$chroma_home/package.json" <<'JSON'
{ "private": true, "dependencies": { "chromadb": "3.0.4" }, "overrides": { "chromadb-js-bindings-linux-x64-gnu": "1.0.5" } }
JSON
  (cd "$chroma_home" && npm install --ignore-scripts --no-audit --no-fund --loglevel=error >&2)
  touch "$chroma_home/.installed"
}

parts=("$@"); [ $# -gt 0 ] || parts=(postgres redis nats pgbouncer chroma chromium linker strace)
missing=()
for part in "${parts[@]}"; do
  case $part in postgres|redis|nats|pgbouncer|chromium|linker|strace|peers|chroma) ;; *) say "unknown part '$part'"; exit 2 ;; esac
  if [ "$part" != chroma ] && ! have "$part"; then missing+=("$part"); fi
done
[ ${#missing[@]} -eq 0 ] || install_debian "${missing[@]}"
for part in "${parts[@]}"; do
  if [ "$part" = chroma ] && ! have chroma; then install_chroma; fi
done
for part in "${parts[@]}"; do have "$part" || { say "$part did not install"; exit 1; }; done
