#!/bin/sh
# Installs the browser that the tests open reports in (Chromium, from Debian's packages), where that is allowed.
set -eu
for name in chromium chromium-browser google-chrome google-chrome-stable chrome; do
    command -v "$name" >/dev/null && exit 0
done
packages="chromium"
if ! command -v apt-get >/dev/null; then
    echo "browser tests will be skipped: no apt-get here to install $packages"
    exit 0
fi
as_root=""
if [ "$(id -u)" != 0 ]; then
    if command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
        as_root="sudo -n"
    else
        echo "browser tests will be skipped; to run them: sudo apt-get install -y --no-install-recommends $packages"
        exit 0
    fi
fi
echo "installing $packages (once, about a minute)"
export DEBIAN_FRONTEND=noninteractive
$as_root apt-get update -qq >/dev/null
$as_root apt-get install -y -qq --no-install-recommends $packages >/dev/null
