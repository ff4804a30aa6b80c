#!/usr/bin/env bash
# start-postgresql.sh FOLDER PORT: becomes a PostgreSQL 15 for tests on 127.0.0.1:PORT, with all it has
# in FOLDER, which is made when it is not there; again on the same FOLDER it has what was stored. The user
# energy needs no password. It serves when FOLDER/data/postmaster.pid says "ready"; SIGINT ends it.
set -euo pipefail
folder=$1 port=$2
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

for place in "$here/build/tools/postgresql-15" ''; do
  programs=$place/usr/lib/postgresql/15/bin
  [[ -x $programs/postgres ]] && break
done
[[ -x $programs/postgres ]] || {
  echo "PostgreSQL 15 is not there: ./dev test and ./dev setup unpack it" >&2
  exit 1
}
if [[ -n $place ]]; then
  export LD_LIBRARY_PATH=$place/usr/lib/x86_64-linux-gnu:$place/lib/x86_64-linux-gnu
fi

# PostgreSQL refuses to run as root.
as_user=(setpriv --pdeathsig INT)
mkdir -p "$folder"
if [[ $(id -u) == 0 ]]; then
  as_user+=(--reuid=nobody --regid=nogroup --clear-groups)
  chown nobody "$folder"
fi
cd "$folder"
if [[ ! -d $folder/data ]]; then
  "${as_user[@]}" "$programs/initdb" -D "$folder/data" -U energy --auth=trust --encoding=UTF8 \
    --locale=C.UTF-8 --no-sync >"$folder/initdb.log" 2>&1 || {
    cat "$folder/initdb.log" >&2
    exit 1
  }
fi
# Tests are many and small, and what they store may die with the machine.
exec "${as_user[@]}" "$programs/postgres" -D "$folder/data" -p "$port" -k '' \
  -c listen_addresses=127.0.0.1 -c max_connections=200 -c fsync=off -c shared_buffers=32MB \
  >>"$folder/log" 2>&1
