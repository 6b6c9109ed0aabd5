#!/usr/bin/env python3
"""Times `rankfold compress` on ResNet50, and loading what it writes.

    python roundtrip/make_models.py /tmp/models resnet50
    python roundtrip/time_models.py /tmp/models/resnet50 --work /tmp/work

Leaves roundtrip/resnet50.json, of which saved_models_page.py makes a part of docs/saved-models.md.
Wants GNU time as /usr/bin/time.
"""
import argparse
import datetime
import json
import os
import re
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LAUNCHER = os.environ.get("RANKFOLD", str(ROOT / "rankfold"))
LOAD = """
import sys, time
import tensorflow as tf
start = time.time()
tf.saved_model.load(sys.argv[1])
print("seconds", time.time() - start)
"""
STACK = re.compile(r'^"main".*?\n\n', re.S | re.M)


def stacks(pid, samples, done):
    """The main thread's stack every 0.2 s, by jstack, until the process has ended."""
    while not done.is_set():
        dump = subprocess.run(["jstack", str(pid)], capture_output=True, text=True).stdout
        found = STACK.search(dump)
        if found:
            samples.append(found.group(0))
        time.sleep(0.2)


def java_of(pid):
    """The Java process under GNU time."""
    for _ in range(200):
        children = subprocess.run(["pgrep", "-P", str(pid)], capture_output=True, text=True).stdout
        for child in children.split():
            name = Path(f"/proc/{child}/comm").read_text().strip()
            if name == "java":
                return int(child)
        time.sleep(0.05)
    raise RuntimeError("expected a Java process, found none")


def run(arguments, sampled=False):
    """(seconds, peak resident megabytes, main-thread stacks) of one whole process."""
    start = time.time()
    process = subprocess.Popen(
        ["/usr/bin/time", "-v", LAUNCHER, *map(str, arguments)],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    samples, done = [], threading.Event()
    thread = threading.Thread(target=lambda: stacks(java_of(process.pid), samples, done))
    if sampled:
        thread.start()
    text = process.stderr.read()
    process.wait()
    seconds = time.time() - start
    done.set()
    if sampled:
        thread.join()
    if process.returncode:
        raise RuntimeError(text[-500:])
    peak = int(re.search(r"Maximum resident set size \(kbytes\): (\d+)", text).group(1)) / 1024
    return seconds, peak, samples


def part(stack):
    """Which stage of the program a stack is in."""
    for name, mark in [
        ("SVDs and factors", "linalg.Workers."),
        ("reading kernels", "LiveModel.kernel"),
        ("opening the model", "LiveModel.open"),
        ("writing the model", "SavedModelCompressor.apply"),
        ("planning otherwise", "CompressionPlanner."),
    ]:
        if mark in stack:
            return name
    return "the rest"


def python_load(folder):
    times = []
    for _ in range(3):
        out = subprocess.run([sys.executable, "-c", LOAD, str(folder)],
                             capture_output=True, text=True).stdout
        times.append(float(out.split("seconds")[1]))
    return min(times)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", type=Path)
    parser.add_argument("--work", type=Path, required=True)
    options = parser.parse_args()
    out = options.work / "timed"
    shutil.rmtree(out, ignore_errors=True)
    options.work.mkdir(parents=True, exist_ok=True)
    run(["--help"])  # builds, if it must
    compress = ["compress", options.model, "--rule", "energy:0.9", "--out", out]
    seconds, peak, _ = run(compress)
    shutil.rmtree(out)
    sampled_seconds, _, samples = run(compress, sampled=True)
    parts = {}
    for sample in samples:
        parts[part(sample)] = parts.get(part(sample), 0) + 1
    shares = {name: count / len(samples) for name, count in parts.items()}
    Path(options.work / "stacks.txt").write_text("\n".join(samples))
    baseline, baseline_peak, _ = run(
        ["inspect", ROOT / "tf-models/src/test/resources/saved-models/twosig"])
    written = out / "saved_model"
    load = {name: python_load(folder) for name, folder in
            (("original", options.model), ("written", written))}
    disk = {name: sum(f.stat().st_size for f in folder.rglob("*") if f.is_file()) / 2**20
            for name, folder in (("original", options.model), ("written", written))}
    ordered = sorted(shares.items(), key=lambda pair: -pair[1])
    text = (
        f"ResNet50 at 224 x 224 (25.6 million parameters, 98 MiB of weights), measured on "
        f"{datetime.date.today()} on {os.cpu_count()} cores that others used too: `rankfold "
        f"compress --rule energy:0.9` takes {seconds:.0f} s as a whole process and {peak:.0f} MiB "
        f"at its peak; `rankfold inspect` of a model of a few kilobytes, {baseline:.1f} s and "
        f"{baseline_peak:.0f} MiB. By sampling the main thread: "
        + ", ".join(f"{name} {share:.0%}" for name, share in ordered)
        + f". In Python the original ({disk['original']:.0f} MiB on disk) loads in "
        f"{load['original']:.1f} s, the written one ({disk['written']:.0f} MiB) in "
        f"{load['written']:.1f} s.")
    facts = {"text": text, "seconds": seconds, "sampled_seconds": sampled_seconds,
             "peak_mib": peak, "baseline_seconds": baseline, "baseline_mib": baseline_peak,
             "shares": shares, "python_load": load, "disk_mib": disk}
    (Path(__file__).parent / "resnet50.json").write_text(json.dumps(facts, indent=1) + "\n")
    print(text)


if __name__ == "__main__":
    main()
