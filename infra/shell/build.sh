# Builds what runs, into artifacts/, and only when something that goes into it has changed.
# shellcheck shell=bash

artifacts=$root/artifacts
app_source=$root/Causality.Web/app

# content PATH...: one hash over names and bytes of the files that git would keep below the paths.
content() {
  local list
  list=$(cd "$root" && git -c safe.directory='*' ls-files -co --exclude-standard -- "$@" | LC_ALL=C sort -u)
  [[ -n $list ]] || die "git lists no files in $root: it must be a clone of the repository."
  # a file that was deleted is still listed until that is committed
  { (cd "$root" && xargs -d '\n' sha256sum <<<"$list" 2>/dev/null) || true; } | sha256sum | cut -d ' ' -f 1
}
server_content() { content 'Causality.*' 'Directory.*' global.json .editorconfig ':!Causality.Web/app' ':!Causality.Sdk'; }
app_content() { cat <(content Causality.Web/app) "$artifacts/openapi.json" | sha256sum | cut -d ' ' -f 1; }

built() { [[ -f $artifacts/$1.stamp && $(<"$artifacts/$1.stamp") == "$2" ]]; }

# build LOG: the whole product.
build() {
  mkdir -p "$artifacts"
  lock "$artifacts/lock" 8 "  Another build of this folder is running; waiting for it."
  place_duckdb "$1"
  build_host "$1"
  build_app "$1"
  exec 8>&-
}

place_duckdb() {
  local version
  version=$(sed -n 's|.*node-bindings-linux-x64": "\(.*\)".*|\1|p' "$root/infra/duckdb/package.json")
  built duckdb "$version" && has_duckdb && return
  step "Fetch DuckDB $version" "$1" fetch_duckdb
  echo "$version" >"$artifacts/duckdb.stamp"
}

has_duckdb() { compgen -G "$artifacts/duckdb/*/*duckdb.*" >/dev/null; }

fetch_duckdb() {
  local package platform rid file
  npm ci --prefix "$root/infra/duckdb"
  rm -rf "$artifacts/duckdb"
  for package in "$root"/infra/duckdb/node_modules/@duckdb/node-bindings-*; do
    [[ -d $package ]] || continue
    platform=${package##*/node-bindings-}
    rid=${platform/darwin/osx} rid=${rid/win32/win}
    [[ $rid != linux-*-musl ]] || rid=linux-musl-$(cut -d - -f 2 <<<"$rid")
    mkdir -p "$artifacts/duckdb/$rid"
    for file in "$package"/*duckdb.{so,dylib,dll}; do
      [[ ! -f $file ]] || { cp "$file" "$artifacts/duckdb/$rid/new" && mv -f "$artifacts/duckdb/$rid/new" "$artifacts/duckdb/$rid/${file##*/}"; }
    done
  done
  rm -rf "$root/infra/duckdb/node_modules"
  # npm passes over an optional package in silence, both when it is for another platform and when it cannot be had
  has_duckdb || { echo "npm brought no DuckDB for $(uname -sm). Is the package registry reachable?"; return 1; }
}

build_host() {
  local now
  now=$(server_content)
  [[ -f $host_dll ]] && built host "$now" && return
  step "Build the server" "$1" publish Causality.Host host -p:PublishReadyToRun=true
  step "Describe its API" "$1" describe_api
  echo "$now" >"$artifacts/host.stamp"
}

# publish PROJECT NAME OPTION...: built beside and swapped in, since what runs from the old files must not see them change.
publish() {
  local new=$artifacts/$2.new
  rm -rf "$new"
  dotnet publish "$root/$1" -c Release -o "$new" --nologo -v quiet "${@:3}"
  swap "$new" "$artifacts/$2"
}

swap() {
  rm -rf "$2.old"
  [[ ! -e $2 ]] || mv "$2" "$2.old"
  mv "$1" "$2"
  rm -rf "$2.old"
}

describe_api() {
  dotnet "$artifacts/host/Causality.Host.dll" openapi >"$artifacts/openapi.json.new"
  mv "$artifacts/openapi.json.new" "$artifacts/openapi.json"
}

build_app() {
  [[ -d $artifacts/app ]] && built app "$(app_content)" && return
  app_packages "$1"
  step "Build the app" "$1" bundle_app
}

bundle_app() {
  local now
  cd "$app_source"
  npm run --silent generate
  now=$(app_content) # after generating, which may have written a source file
  npm run --silent build -- --outDir "$artifacts/app.new" --emptyOutDir
  swap "$artifacts/app.new" "$artifacts/app"
  echo "$now" >"$artifacts/app.stamp"
}

app_packages() { npm_packages "$app_source" "the app" "$1"; }

# npm_packages FOLDER WHOSE LOG: what the lock file says, when it says something new. Not by `npm ci`: that wants a line for
# every platform's variant of a native package, and a registry that carries only some of them cannot give the lock file those.
npm_packages() {
  local now mark=$1/node_modules/.causality
  now=$(sha256sum <"$1/package-lock.json")
  [[ -f $mark && $(<"$mark") == "$now" ]] && return
  step "Fetch npm packages of $2" "$3" npm install --no-save --prefix "$1"
  mkdir -p "${mark%/*}" && echo "$now" >"$mark"
}
