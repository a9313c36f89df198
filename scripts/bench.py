#!/usr/bin/env python3
"""Measures whole runs and writes benches/RESULTS.md. usage: bench.py ONEFOLD

CPU is user and system time of the process and its children; memory is the largest resident set. Each figure is the median of
three runs, with the smallest and largest beside it.
"""
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile

REPEATS = 3


def measure(command, environment):
    """CPU seconds, wall seconds and MiB of one command."""
    import time

    begin = time.monotonic()
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"{' '.join(command)} ended with status {status}")
    return usage.ru_utime + usage.ru_stime, time.monotonic() - begin, usage.ru_maxrss / 1024


def spread(values):
    return f"{statistics.median(values):.1f} ({min(values):.1f}-{max(values):.1f})"


def bench(onefold, name, pipeline, data, truth):
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "ONEFOLD_STATE_ROOT": folder + "/state"}
        first, again = [], []
        for _ in range(REPEATS):
            shutil.rmtree(folder + "/state", ignore_errors=True)
            command = [onefold, "run", pipeline, "--param", f"data={data}"]
            first.append(measure(command, environment))
            again.append(measure(command, environment))
        figures = "-"
        if truth:
            answer = subprocess.run([onefold, "evaluate", "--truth", truth, "--json"], env=environment, capture_output=True, check=True)
            judged = json.loads(answer.stdout)["evaluation"]
            figures = f"P {judged['precision']:.3f} R {judged['recall']:.3f} F1 {judged['f1']:.3f} B-cubed F1 {judged['b_cubed_f1']:.3f}"
        for label, runs in (("first run", first), ("second run, nothing new", again)):
            cpu, wall, memory = zip(*runs)
            rows.append(f"| {name} | {label} | {spread(cpu)} | {spread(wall)} | {spread(memory)} | {figures} |")
    return rows


def main():
    onefold = sys.argv[1]
    version = subprocess.run([onefold, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for customers in (2_000, 20_000):
            data = f"{folder}/{customers}"
            subprocess.run([onefold, "demo", "generate", "--customers", str(customers), "--seed", "3", "--out", data], check=True, stdout=subprocess.DEVNULL)
            rows += bench(onefold, f"demo, {customers:,} customers", "demo", data, data + "/truth.csv")
    real = os.path.join(os.environ.get("ONEFOLD_SHARED", "../shared"), "data", "adventure-works")
    if os.path.isdir(real):
        rows += bench(onefold, "adventure-works", "adventure-works", real, None)
    with open("benches/RESULTS.md", "w") as out:
        out.write(f"""# Measured

Written by `make bench`. {version}, {os.cpu_count()} cores, {platform.machine()}, the profile of the demo. Whole processes; median of {REPEATS}
(smallest-largest). CPU seconds are user and system time; compare ratios within one table, not figures of two machines.

| data | what | CPU s | wall s | MiB | clusters against truth |
|---|---|---|---|---|---|
""")
        out.write("\n".join(rows) + "\n\nNot measured yet: peers side by side, more than 20,000 customers, the shared record sets.\n")
    print(open("benches/RESULTS.md").read())


main()
