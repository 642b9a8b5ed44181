#!/bin/sh
# Installs Debian's packages where root or sudo can, and says what is missing where they cannot.
#   install-packages.sh tests          the real servers of the tests
#   install-packages.sh PACKAGE ...    these
set -u
need=""
want() { command -v "$1" >/dev/null 2>&1 || need="$need $2"; }
if [ "${1:-}" = tests ]; then
    want doveadm dovecot-imapd
    want soffice libreoffice-writer-nogui
    want bwrap bubblewrap
    ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || need="$need postgresql"
    fc-list :lang=zh 2>/dev/null | grep -q . || need="$need fontconfig fonts-droid-fallback"
    PATH="$PATH:/usr/sbin:/sbin" ldconfig -p 2>/dev/null | grep -q 'libarchive\.so' || need="$need libarchive13"
else
    need="$*"
fi
[ -z "$need" ] && exit 0
if [ "$(id -u)" = 0 ]; then
    as_root=""
elif sudo -n true 2>/dev/null; then
    as_root="sudo -n"
else
    echo "not installed (no root, no sudo):$need"
    exit 0
fi
export DEBIAN_FRONTEND=noninteractive
# shellcheck disable=SC2086 # the lists are meant to split
$as_root apt-get update -qq && $as_root apt-get install -y -qq --no-install-recommends $need >/dev/null || echo "could not install:$need"
exit 0
