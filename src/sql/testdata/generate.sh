#!/usr/bin/env bash
# generate.sh VERSION: makes v<VERSION>.sqlite.sql and v<VERSION>.postgresql.sql, the populated databases of an
# earlier schema version that sql_test upgrades: those of the version before, the step of the migration, and
# the rows of added/v<VERSION>.sql for what it brought. Needs sqlite3, psql, pg_dump and the unpacked server.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
version=$1
before=$((version - 1))
steps=(../migrations/"$(printf %04d "$version")"_*.sql)
step=${steps[0]}
name=$(basename "$step" .sql)

# The migration without the statements that are marked for the other database.
without() {
  awk -v other="{{$1}}" '
    index($0, other) == 1 { skip = 1; quotes = 0 }
    skip { quotes += gsub(/\047/, "&"); if (/;$/ && quotes % 2 == 0) skip = 0; next }
    { print }' "$step"
}
# The tokens of migrations.cc.
for_sqlite() {
  without postgresql | sed -e 's/^{{sqlite}}//' -e 's/{{uuid}}\|{{timestamp}}\|{{json}}\|{{text_array}}/TEXT/g' \
    -e 's/{{serial_key}}/INTEGER PRIMARY KEY AUTOINCREMENT/g' -e 's/{{new_uuid}}//g' \
    -e "s/{{now}}/(strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000000Z')/g"
}
for_postgresql() {
  without sqlite | sed -e 's/^{{postgresql}}//' -e 's/{{uuid}}/UUID/g' -e 's/{{timestamp}}/TIMESTAMPTZ/g' \
    -e 's/{{json}}/JSONB/g' -e 's/{{text_array}}/TEXT[]/g' -e 's/{{serial_key}}/SERIAL PRIMARY KEY/g' \
    -e 's/{{new_uuid}}/DEFAULT gen_random_uuid()/g' -e 's/{{now}}/CURRENT_TIMESTAMP/g'
}
# Times in the files of rows are written for PostgreSQL and for SQLite alike.
rows() {
  echo "INSERT INTO schema_migrations VALUES($version,'${name#*_}','2026-01-$(printf %02d "$version")T00:00:00.000000000Z');"
  cat "added/v$version.sql"
}

folder=$(mktemp -d /tmp/energy-fixture-XXXXXX)
chmod 755 "$folder" # the server has a user of its own
server=
finish() {
  [[ -z $server ]] || kill -INT "$server"
  wait
  rm -rf "$folder"
}
trap finish EXIT

{
  echo "PRAGMA foreign_keys = ON;"
  cat "v$before.sqlite.sql"
  for_sqlite
  rows
} | sqlite3 -bail "$folder/meta.db"
{
  echo "-- What a SQLite database of schema version $version holds; made by generate.sh."
  sqlite3 "$folder/meta.db" .dump | grep -v '^PRAGMA\|^BEGIN TRANSACTION\|^COMMIT\|sqlite_sequence'
} >"v$version.sqlite.sql"

while port=$((20000 + RANDOM % 12000)) && (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do :; done
../../../scripts/start-postgresql.sh "$folder/server" "$port" &
server=$!
until grep -qs ready "$folder/server/data/postmaster.pid"; do
  kill -0 "$server"
  sleep 0.1
done
url=postgresql://energy@127.0.0.1:$port/postgres
{
  cat "v$before.postgresql.sql"
  for_postgresql
  rows | sed -e "s/'\[\(\"[^]]*\)\]'/'{\1}'/g" -e "s/'\[\]'/'{}'/g" # its form of a list
} | psql -q -o /dev/null -v ON_ERROR_STOP=1 "$url"
{
  echo "-- What a PostgreSQL database of schema version $version holds: the output of pg_dump --inserts."
  pg_dump --inserts --disable-dollar-quoting --no-owner --no-privileges "$url" |
    sed -e '/^--/d' -e '/^SET /d' -e '/set_config/d' -e '/^\\/d' -e 's/\bpublic\.//g' \
      -e "s/SET search_path TO .*'public'/SET search_path FROM CURRENT/" | cat -s
} >"v$version.postgresql.sql"
