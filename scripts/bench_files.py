#!/usr/bin/env python3
"""Runs `dedupe` or `link` without a model on the shared record sets and prints the figures as a Markdown table.
usage: bench_files.py ONEFOLD [SET...]

The sets are read from $ONEFOLD_SHARED/data/er (by default ../shared); each has its truth beside it, which only `evaluate`
reads. CPU is user and system time of the whole process, memory its largest resident set.
"""
import json
import os
import subprocess
import sys
import tempfile
import time

SETS = ["fake_1000", "febrl1", "febrl3", "febrl4_link", "historical_dev", "restaurants_fz", "cust_100k"]


def measure(command):
    """CPU seconds, wall seconds and MiB of one command, and how it ended."""
    begin = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    return usage.ru_utime + usage.ru_stime, time.monotonic() - begin, usage.ru_maxrss / 1024, status


def row(onefold, name):
    data = os.path.join(os.environ.get("ONEFOLD_SHARED", "../shared"), "data", "er", name)
    with tempfile.TemporaryDirectory() as out:
        clusters = f"{out}/clusters.parquet"
        across = ["--source-column", "source"] if name.endswith("_link") else []
        command = [onefold, "link" if across else "dedupe", f"{data}.parquet", "--id", "rec_id", "--out", clusters] + across
        cpu, wall, memory, status = measure(command)
        if status:
            return f"| {name} | did not finish: status {status} |||||||||"
        judge = [onefold, "evaluate", "--clusters", clusters, "--truth", f"{data}.truth.parquet", "--id", "rec_id", "--truth-column", "true_id", "--json"]
        answer = subprocess.run(judge + across, capture_output=True, text=True, check=True)
        figures = json.loads(answer.stdout)["evaluation"]
        shown = [figures[key] for key in ("precision", "recall", "f1", "b_cubed_f1")]
        cells = [f"{figure:.4f}" for figure in shown]
        cells += [str(figures["clusters"]), str(figures["entities"]), str(figures["largest_cluster"])]
        return f"| {name} | {' | '.join(cells)} | {cpu:.1f} | {wall:.1f} | {memory:.0f} |"


def main():
    onefold, sets = os.path.abspath(sys.argv[1]), sys.argv[2:] or SETS
    print("| set, no model, no configuration | precision | recall | F1 | B-cubed F1 | clusters | entities | largest | CPU s | wall s | MiB |")
    print("|---|---|---|---|---|---|---|---|---|---|---|", flush=True)
    for name in sets:
        print(row(onefold, name), flush=True)


main()
