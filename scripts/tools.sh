# Sourced by ./demo and ./test: sees that what the build needs is there (a Rust toolchain, a C compiler, make and
# cmake for libopus and SQLite), and installs what is missing where that is allowed.

need_tools() {
    if ! command -v cargo >/dev/null; then
        echo "$0: cargo is missing; install a Rust toolchain (1.95 or newer), for instance from rustup.rs" >&2
        exit 1
    fi
    local missing=()
    command -v cc >/dev/null || missing+=(gcc libc6-dev)
    command -v c++ >/dev/null || missing+=(g++)
    command -v make >/dev/null || missing+=(make)
    command -v cmake >/dev/null || missing+=(cmake)
    [ ${#missing[@]} -eq 0 ] && return
    local as_root=()
    [ "$(id -u)" -eq 0 ] || as_root=(sudo -n)
    if command -v apt-get >/dev/null && { [ "$(id -u)" -eq 0 ] || sudo -n true 2>/dev/null; }; then
        echo "installing ${missing[*]} with apt-get" >&2
        "${as_root[@]}" apt-get update -qq &&
            DEBIAN_FRONTEND=noninteractive "${as_root[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null &&
            return
    fi
    echo "$0: ${missing[*]} are missing and cannot be installed from here; install them with your system's package manager (apt-get install ${missing[*]})" >&2
    exit 1
}
