#!/usr/bin/env python3
"""How much an installation downloads: the wheels that pip would take, added up.

    python packaging/download_size.py [PIP OPTIONS]

Nothing is installed. On Linux PyPI's torch brings the CUDA parts; an index or folder with torch's CPU build,
named in pip's options or settings, does not.
"""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request


def size(url: str) -> int:
    """Bytes of the file at `url`, without fetching it where its server tells."""
    request = urllib.request.Request(url, method="HEAD" if url.startswith("http") else None)
    with urllib.request.urlopen(request) as answer:
        return int(answer.headers["Content-Length"])


def main() -> None:
    """Print the sum, and each wheel of more than 20 MB."""
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--dry-run", "--ignore-installed"]
    command = [*pip, "--report", "-", "-c", "constraints.txt", ".", *sys.argv[1:]]
    report = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)
    wheels = {i["metadata"]["name"]: i["download_info"]["url"] for i in report["install"]}
    sizes = {name: size(url) for name, url in wheels.items() if url.endswith(".whl")}
    for name, count in sorted(sizes.items(), key=lambda item: -item[1]):
        if count > 20e6:
            print(f"{count / 1e6:8.0f} MB  {name}")
    print(f"{sum(sizes.values()) / 1e6:8.0f} MB  in {len(sizes)} wheels")


if __name__ == "__main__":
    main()
