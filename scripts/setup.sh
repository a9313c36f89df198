#!/usr/bin/env bash
# Installs what is needed besides Rust; with the argument `compiler`, only what a build needs. Quick when it is all there.
set -euo pipefail
cd "$(dirname "$0")/.."

install() { # package
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "$@" >/dev/null
    else
        echo "setup: please install $*" >&2
        exit 1
    fi
}
command -v cc >/dev/null || install gcc libc6-dev
[ "${1:-all}" = compiler ] && exit 0
command -v python3 >/dev/null || install python3 python3-venv

# The environment is made anew when its list of packages changes.
stamp=.venv/requirements.txt
if ! cmp -s scripts/requirements.txt "$stamp"; then
    rm -rf .venv
    python3 -m venv .venv 2>/dev/null || { install python3-venv && python3 -m venv .venv; }
    .venv/bin/python -m pip install --quiet --disable-pip-version-check -r scripts/requirements.txt
    cp scripts/requirements.txt "$stamp"
fi
