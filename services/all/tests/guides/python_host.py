"""Runs programs of guides for Python, each as if it were started: reads a line of JSON for each from standard input."""

import json
import os
import runpy
import sys
import traceback

import anthropic  # noqa: F401  Loaded once for all.
import openai  # noqa: F401

for line in sys.stdin:
    asked = json.loads(line)
    os.chdir(asked["folder"])
    os.environ.clear()
    os.environ.update(asked["environment"])
    status = 0
    try:
        runpy.run_path(asked["file"], run_name="__main__")
    except BaseException:
        traceback.print_exc()
        status = 1
    print(f"\x1e{status}\x1e", end="", flush=True)
