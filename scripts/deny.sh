#!/usr/bin/env bash
# Holds the dependencies against deny.toml. cargo-deny is built once and kept beside the build.
set -euo pipefail
cd "$(dirname "$0")/.."
version=0.20.2
tools=${CARGO_TARGET_DIR:-$PWD/target}/tools
if ! "$tools/bin/cargo-deny" --version 2>/dev/null | grep -qF "$version"; then
    CARGO_TARGET_DIR="$tools/build" cargo install --quiet --locked --root "$tools" "cargo-deny@$version"
    rm -rf "$tools/build"
fi
"$tools/bin/cargo-deny" --locked --offline check licenses bans sources
