#!/usr/bin/env python3
"""Kills audits with a store at random moments, and checks that the run after each ends with the report of an undisturbed one.

usage: kill_store.py MODELGUIDELINES FOLDER [TIMES]"""
import os, random, signal, subprocess, sys, tempfile, time


def main():
    tool, folder, times = os.path.abspath(sys.argv[1]), sys.argv[2], int(sys.argv[3]) if len(sys.argv) > 3 else 50
    seed = int(os.environ.get("SEED", "1"))
    chance = random.Random(seed)

    def report(store):
        command = [tool, "test", ".", "--format", "json"] + (["--store", store] if store else [])
        out = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout.decode()
        return [l for l in out.split("\n") if '"seconds"' not in l]

    began = time.monotonic()
    whole = report(None)
    length = time.monotonic() - began
    bad = 0
    with tempfile.TemporaryDirectory() as work:
        for i in range(times):
            store = os.path.join(work, f"{i // 5}.db")  # five kills a store
            process = subprocess.Popen([tool, "test", ".", "--format", "json", "--store", store], cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(chance.uniform(0, length * 1.3))
            process.send_signal(signal.SIGKILL)
            process.wait()
            if report(store) != whole:
                bad += 1
                print(f"kill {i}: the next run says something else")
            if i % 5 != 4:
                # Half of what is kept is forgotten, so that the next has something to do.
                import sqlite3
                with sqlite3.connect(store) as db:
                    db.execute("DELETE FROM audits WHERE abs(random()) % 2 = 0")
    print(f"{times} kills (seed {seed}): {bad} reports differ")
    sys.exit(bad > 0)


main()
