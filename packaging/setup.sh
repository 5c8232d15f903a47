#!/bin/sh
# Make .venv with JNDScope in it: exact versions from constraints.txt, Qt's system libraries where they lack.
#   sh packaging/setup.sh [PYTHON]
set -eu
python=${1:-python3}
libraries="libegl1 libgl1 libopengl0 libxkbcommon0 libxkbcommon-x11-0 libdbus-1-3 libfontconfig1 libfreetype6
 libglib2.0-0 libx11-xcb1 libxcb-cursor0 libxcb-icccm4 libxcb-image0 libxcb-keysyms1 libxcb-randr0
 libxcb-render-util0 libxcb-shape0 libxcb-xinerama0 libxcb-xkb1 fonts-dejavu-core"

fail() { printf '%s\n' "$*" >&2; exit 2; }

# Install Debian packages where we may, else say what to install.
need() {
    command -v apt-get >/dev/null || fail "Install these with your system's package manager, then run make again: $*"
    if [ "$(id -u)" = 0 ]; then as=; elif sudo -n true 2>/dev/null; then as="sudo"
    else fail "Install what is missing, then run make again: sudo apt-get install -y $*"; fi
    echo "Installing: $*"
    # shellcheck disable=SC2086
    $as apt-get update -qq && DEBIAN_FRONTEND=noninteractive $as apt-get install -y -qq --no-install-recommends "$@" >/dev/null ||
        fail "apt-get failed; install these by hand, then run make again: $*"
}

command -v "$python" >/dev/null || need python3 python3-venv
"$python" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' ||
    fail "$("$python" --version) is not supported: name one of Python 3.11 to 3.13, for example make run PYTHON=python3.12"
"$python" -c 'import ensurepip' 2>/dev/null || need python3-venv

rm -rf .venv
"$python" -m venv .venv
.venv/bin/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'

if [ "$(uname)" = Linux ]; then
    qt=$(.venv/bin/python -c 'import PySide6; print(PySide6.__path__[0])')
    lacking=$(ldd "$qt"/Qt/plugins/platforms/libqxcb.so "$qt"/Qt/plugins/platforms/libqoffscreen.so \
        "$qt"/Qt/lib/libQt6Widgets.so.6 "$qt"/Qt/lib/libQt6Svg.so.6 2>/dev/null | grep 'not found' || true)
    # shellcheck disable=SC2086
    if [ -n "$lacking" ]; then need $libraries; fi
fi
touch .venv/installed
