#!/bin/sh
# Installs what the tests use beside Python, from Debian's packages, where that is allowed:
#   real-s3   the S3 server that they start on loopback (Ceph)
#   browser   the browser that they open reports in (Chromium)
set -eu
has() { command -v "$1" >/dev/null; }

case "${1:-}" in
real-s3)
    packages="ceph-mon ceph-osd radosgw ceph-common"
    has radosgw && has ceph-mon && has ceph-osd && exit 0
    ;;
browser)
    packages="chromium"
    for name in chromium chromium-browser google-chrome google-chrome-stable chrome; do
        has "$name" && exit 0
    done
    ;;
*)
    echo "usage: sh tools/install.sh real-s3|browser" >&2
    exit 2
    ;;
esac

if ! has apt-get; then
    echo "$1 tests will be skipped: no apt-get here to install $packages"
    exit 0
fi
as_root=""
if [ "$(id -u)" != 0 ]; then
    if has sudo && sudo -n true 2>/dev/null; then
        as_root="sudo -n"
    else
        echo "$1 tests will be skipped; to run them: sudo apt-get install -y --no-install-recommends $packages"
        exit 0
    fi
fi
echo "installing $packages (once, about a minute)"
export DEBIAN_FRONTEND=noninteractive
$as_root apt-get update -qq >/dev/null
$as_root apt-get install -y -qq --no-install-recommends $packages >/dev/null
