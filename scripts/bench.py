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
SIZES = {1_000: 3, 20_000: 3, 100_000: 1}
# Splink 5 at .95, blazematch and GoldenMatch without configuration, measured on 2 cores: F1 against the same truth.
PEERS = {
    "fake_1000": (".853", ".297", ".194"), "febrl3": (".994", ".998", ".991"), "febrl4_link": (".997", ".999", ".994"),
    "historical_dev": (".836", ".771", ".831"), "cust_100k": (".844", ".880", ".575"),
}


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


def bench(onefold, name, pipeline, data, truth, repeats):
    rows, judged = [], None
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "ONEFOLD_STATE_ROOT": folder + "/state"}
        first, again = [], []
        for _ in range(repeats):
            shutil.rmtree(folder + "/state", ignore_errors=True)
            command = [onefold, "run", pipeline, "--param", f"data={data}"]
            first.append(measure(command, environment))
            again.append(measure(command, environment))
        figures = "-"
        if truth:
            answer = subprocess.run([onefold, "evaluate", "--truth", truth, "--json"], env=environment, capture_output=True, check=True)
            told = json.loads(answer.stdout)
            judged = told["evaluation"]
            figures = f"P {judged['precision']:.3f} R {judged['recall']:.3f} F1 {judged['f1']:.3f} B-cubed F1 {judged['b_cubed_f1']:.3f}"
        for label, runs in (("first run", first), ("second run, nothing new", again)):
            cpu, wall, memory = zip(*runs)
            rows.append(f"| {name} | {label} | {spread(cpu)} | {spread(wall)} | {spread(memory)} | {figures} |")
    return rows, told if judged else None


def troubles(told):
    """A table of the figures by kind of trouble."""
    head = "| trouble | records | precision | recall | F1 | B-cubed F1 |\n|---|---|---|---|---|---|\n"
    line = lambda t: f"| {t['trouble']} | {t['records']:,} | {t['precision']:.3f} | {t['recall']:.3f} | {t['f1']:.3f} | {t['b_cubed_f1']:.3f} |"
    return head + "\n".join(line(trouble) for trouble in told["troubles"])


def files(onefold):
    """The shared record sets by `dedupe` and `link` without a model, beside the peers' F1."""
    script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "bench_files.py")
    printed = subprocess.run([sys.executable, script, onefold], capture_output=True, text=True, check=True).stdout.splitlines()
    beside = ["Splink 5", "blazematch", "GoldenMatch"]
    table = [printed[0] + " " + " | ".join(f"{peer} F1" for peer in beside) + " |", printed[1] + "---|---|---|"]
    for line in printed[2:]:
        table.append(line + " " + " | ".join(PEERS.get(line.split("|")[1].strip(), ("-",) * 3)) + " |")
    return "\n".join(table)


def main():
    onefold = os.path.abspath(sys.argv[1])
    version = subprocess.run([onefold, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    rows, told = [], None
    with tempfile.TemporaryDirectory() as folder:
        for customers, repeats in SIZES.items():
            data = f"{folder}/{customers}"
            subprocess.run([onefold, "demo", "generate", "--customers", str(customers), "--seed", "3", "--out", data], check=True, stdout=subprocess.DEVNULL)
            more, told = bench(onefold, f"demo, {customers:,} customers", "demo", data, data + "/truth.csv", repeats)
            rows += more
    shared = os.path.join(os.environ.get("ONEFOLD_SHARED", "../shared"), "data")
    if os.path.isdir(os.path.join(shared, "adventure-works")):
        rows += bench(onefold, "adventure-works", "adventure-works", os.path.join(shared, "adventure-works"), None, REPEATS)[0]
    sets = files(onefold) if os.path.isdir(os.path.join(shared, "er")) else "The shared record sets were not there."
    with open("benches/RESULTS.md", "w") as out:
        out.write(f"""# Measured

Written by `make bench`. {version}, {os.cpu_count()} cores, {platform.machine()}, the profile of the demo. Whole processes; median of up to
{REPEATS} (smallest-largest), one run at {max(SIZES):,} customers. CPU seconds are user and system time; compare ratios within one table, not
figures of two machines. A customer of the demo has about two and a half records in seven systems.

| data | what | CPU s | wall s | MiB | clusters against truth |
|---|---|---|---|---|---|
""")
        out.write("\n".join(rows))
        out.write(f"\n\n## By kind of trouble, {max(SIZES):,} customers\n\n{troubles(told)}\n")
        out.write("\n## Any file, without a model and without configuration\n\nF1 is pairwise. The peers' figures were measured apart, on 2 cores.\n\n" + sets + "\n")
        out.write("\nNot measured yet: the pipeline at a million customers, cust_1m, peers in the same run.\n")
    print(open("benches/RESULTS.md").read())


main()
