#!/usr/bin/env bash
# tests/support/debs.sh FOLDER: real components that cannot or need not be installed, unpacked below FOLDER.
# Sendmail conflicts with Postfix, so it gets a private root; no maintainer script is run. OpenDKIM's miltertest likewise.
set -euo pipefail
folder=$1
[ -e "$folder/.complete" ] && exit 0
mkdir -p "$folder/debs"
cd "$folder/debs"
apt-get download -q -o APT::Sandbox::User=root \
  sendmail-bin sendmail-base sendmail-cf m4 libwrap0 liblockfile1 miltertest liblua5.3-0 libsasl2-2 libldap-2.5-0 libnsl2 libbsd0 libdb5.3 >/dev/null
for deb in *.deb; do dpkg -x "$deb" "$folder"; done
# without its bits it keeps LD_LIBRARY_PATH, and nothing with special rights lies around
find "$folder" -perm /6000 -type f -exec chmod a-s {} +
touch "$folder/.complete"
