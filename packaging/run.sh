#!/bin/sh
# Open JNDScope on a video; where there is no display, do the same work off screen and leave it in out/.
#   sh packaging/run.sh VIDEO
set -eu
video=$1
if [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ] || [ "$(uname)" = Darwin ]; then
    exec .venv/bin/jndscope "$video"
fi
mkdir -p out
echo "There is no display: working off screen."
QT_QPA_PLATFORM=offscreen .venv/bin/jndscope "$video" --screenshot out/sample.png
.venv/bin/jnd analyze "$video" -o out/sample.parquet -o out/sample.csv >/dev/null
echo "Look at out/sample.png (the window), out/sample.parquet and out/sample.csv (JND levels of every frame)."
