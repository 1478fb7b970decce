# What must be on the machine. Tools of the trade (.NET, Node) are asked for; servers are installed where apt may.
# shellcheck shell=bash

require_tools() {
  local missing=()
  command -v dotnet >/dev/null || missing+=(".NET SDK 10: https://dotnet.microsoft.com/download (dotnet is not in the path)")
  if command -v dotnet >/dev/null && ! dotnet --list-sdks 2>/dev/null | grep -q '^10\.'; then
    missing+=(".NET SDK 10: this dotnet has $(dotnet --list-sdks 2>/dev/null | cut -d ' ' -f 1 | paste -sd ' ')")
  fi
  node_is_enough || missing+=("Node 20.19 or newer: https://nodejs.org (found: $(node --version 2>/dev/null || echo none))")
  command -v npm >/dev/null || missing+=("npm 10 or newer: it comes with Node")
  command -v git >/dev/null || missing+=("git: apt-get install git")
  ((${#missing[@]} == 0)) && return
  printf 'causality: this machine lacks\n' >&2
  printf '  - %s\n' "${missing[@]}" >&2
  exit 1
}

node_is_enough() {
  node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)' 2>/dev/null
}

chromium_path() { command -v chromium || command -v chromium-browser || command -v google-chrome; }

has_icu() { [[ ! -x /sbin/ldconfig ]] || grep -q libicuuc <<<"$(/sbin/ldconfig -p)"; }

# require_packages LOG [postgres] [rabbitmq] [ceph] [chromium]: installs what is not there, curl and ICU (for .NET) included.
require_packages() {
  local log=$1 need packages=()
  shift
  command -v curl >/dev/null || packages+=(curl)
  has_icu || packages+=('^libicu[0-9]+$')
  for need; do
    case $need in
      postgres) postgres_bin >/dev/null || packages+=(postgresql) ;;
      rabbitmq) { rabbitmq_bin && command -v epmd; } >/dev/null || packages+=(rabbitmq-server) ;;
      ceph) ceph_installed || packages+=(ceph-mon ceph-osd radosgw) ;;
      chromium) chromium_path >/dev/null || packages+=(chromium) ;;
    esac
  done
  ((${#packages[@]} == 0)) || install_packages "$log" "${packages[@]}"
}

install_packages() {
  local log=$1 as_root=()
  shift
  command -v apt-get >/dev/null || die "Please install $* first: this system has no apt-get to do it with."
  if ((EUID != 0)); then
    if command -v sudo >/dev/null && { sudo -n true 2>/dev/null || { [[ -t 0 ]] && sudo -v; }; }; then
      as_root=(sudo)
    else
      die "$* must be installed, and only root can. Please run this, then try again:
  sudo '$root/infra/shell/install-packages' $*"
    fi
  fi
  step "Install $*" "$log" "${as_root[@]}" "$root/infra/shell/install-packages" "$@"
}
