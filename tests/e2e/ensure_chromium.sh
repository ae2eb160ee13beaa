#!/usr/bin/env bash
# Makes sure a Chromium is there for the browser tests. Usage: ensure_chromium.sh PATH_TO_PLAYWRIGHT
set -euo pipefail
playwright=$1

have_chromium() {
  command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null ||
    ls "${PLAYWRIGHT_BROWSERS_PATH:-$HOME/.cache/ms-playwright}"/chromium*/ >/dev/null 2>&1
}

as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi; }

have_chromium && exit 0
echo "Fetching Chromium for the browser tests ..."
timeout 300 "$playwright" install --with-deps chromium >/dev/null 2>&1 && exit 0
echo "Playwright's own Chromium is not to be had; installing Debian's package ..."
as_root apt-get update -qq
as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium fonts-liberation fonts-noto-color-emoji >/dev/null
have_chromium || { echo "No Chromium could be installed: install one and run again." >&2; exit 1; }
