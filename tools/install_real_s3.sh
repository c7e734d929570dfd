#!/bin/sh
# Installs the real S3 server that the tests start on loopback (Ceph, from Debian's packages), where that is allowed.
set -eu
command -v radosgw >/dev/null && command -v ceph-mon >/dev/null && command -v ceph-osd >/dev/null && exit 0
packages="ceph-mon ceph-osd radosgw ceph-common"
if ! command -v apt-get >/dev/null; then
    echo "real S3 tests will be skipped: no apt-get here to install $packages"
    exit 0
fi
as_root=""
if [ "$(id -u)" != 0 ]; then
    if command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
        as_root="sudo -n"
    else
        echo "real S3 tests will be skipped; to run them: sudo apt-get install -y --no-install-recommends $packages"
        exit 0
    fi
fi
echo "installing $packages (once, about a minute)"
export DEBIAN_FRONTEND=noninteractive
$as_root apt-get update -qq >/dev/null
$as_root apt-get install -y -qq --no-install-recommends $packages >/dev/null
