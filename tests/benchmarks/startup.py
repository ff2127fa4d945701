"""The demo beside its bare imports (启动与示例): whole processes, interleaved, as ratios.

Run: python tests/benchmarks/startup.py [RUNS]
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time

# without compiled modules each run would compile our package anew, and never its peers
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
IMPORTS = [sys.executable, "-c", "import pandas, pandera.pandas, openpyxl, docx"]
DEMO = [sys.executable, "-m", "jixiao_xl", "demo", "示例", "--json"]
HELP = [sys.executable, "-m", "jixiao_xl", "--help"]


def seconds(command: list[str], folder: str) -> float:
    """Wall time of one process."""
    start = time.perf_counter()
    subprocess.run(command, cwd=folder, env=ENVIRONMENT, capture_output=True, check=True)
    return time.perf_counter() - start


def main(runs: int) -> None:
    """Print min, median and max of each, and of the ratio demo ÷ imports pair by pair."""
    times: dict[str, list[float]] = {"imports": [], "demo": [], "--help": []}
    with tempfile.TemporaryDirectory() as folder:
        for command in (IMPORTS, DEMO, HELP):
            seconds(command, folder)
        for _ in range(runs):
            for name, command in (("imports", IMPORTS), ("demo", DEMO), ("--help", HELP)):
                times[name].append(seconds(command, folder))
    ratios = [demo / imports for demo, imports in zip(times["demo"], times["imports"], strict=True)]
    for name, row in [*times.items(), ("demo ÷ imports", ratios)]:
        print(f"{name:15} min {min(row):6.2f}  median {statistics.median(row):6.2f}  max {max(row):6.2f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
