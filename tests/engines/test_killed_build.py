"""Prove that a build of the dataset which is killed leaves the old file or the new."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

from queries.dataset import ASSERTED, open_dataset

# Both datasets are large enough to be cut in the middle, and are written again and again.
BUILD = """
import sys
from pathlib import Path
from queries import dataset

dataset.DATASET_FILE = Path(sys.argv[1])
texts = [Path(name).read_text(encoding="utf-8") for name in sys.argv[2:]]
written = 0
while True:
    dataset.compile_dataset = lambda home: texts[written % 2]
    dataset.build_dataset()
    written += 1
    if written == 2:
        print("started", flush=True)
"""
TRIPLES, KILLS = 40_000, 12


def _text(mark: str) -> str:
    lines = (f"<a:{n}> <a:{mark}> <a:x> <{ASSERTED}core> .\n" for n in range(TRIPLES))
    return f"# checksum {mark * 64}\n" + "".join(lines)


def test_a_build_that_is_killed_leaves_the_old_or_the_new(tmp_path: Path) -> None:
    """Kill -9 at random moments: the file is one of the two texts to the byte, and opens."""
    texts = {mark: _text(mark) for mark in "ab"}
    names = []
    for mark, text in texts.items():
        names.append(tmp_path / f"{mark}.txt")
        names[-1].write_text(text, encoding="utf-8")
    target = tmp_path / "compiled" / "dataset.nq"
    moments = random.Random(1)
    for _ in range(KILLS):
        command = [sys.executable, "-c", BUILD, str(target), *map(str, names)]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
            assert process.stdout and process.stdout.readline() == b"started\n"
            try:
                process.wait(moments.uniform(0.0, 0.08))
            except subprocess.TimeoutExpired:
                process.kill()
        assert process.returncode == -9
        assert target.read_text(encoding="utf-8") in texts.values()
    assert len(open_dataset(target, named=False)) == TRIPLES
