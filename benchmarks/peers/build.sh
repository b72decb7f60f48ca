#!/usr/bin/env bash
# Compiles the C++ peers next to their sources, for this machine's processor. Needs g++ and Debian's libhnswlib-dev.
set -euo pipefail
cd "$(dirname "$0")"
mkdir -p bin
for source in *_peer.cpp; do
    target="bin/${source%.cpp}"
    if [[ ! -x "$target" || "$source" -nt "$target" ]]; then
        g++ -std=c++17 -O3 -march=native -DNDEBUG -pthread -o "$target" "$source"
    fi
done
