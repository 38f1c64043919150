"""Prove that Spark gives the rows that polars gives, from the same tables, or says why not."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import polars as pl
import pytest
from faces import OUTPUT, ROOT, process, rallo
from scale_cases import write_cohort

from queries.knowledge import Knowledge
from queries.spark import ROW, SparkFailedError, join_answers

ENV = {**os.environ, "PYTHONPATH": str(ROOT)}
JAVA = shutil.which("java") or os.environ.get("JAVA_HOME")
needs_java = pytest.mark.skipif(not JAVA, reason="Spark needs Java 17 or newer; none was found")

# One process of its own: first through the command line, which opens and ends a session; then in an
# open session that is made to cut the rows into many partitions.
SESSION = """
import sys
from pathlib import Path
import queries.knowledge
from queries.cli import app

folder = Path(sys.argv[1])
try:
    app(["classify", str(folder / "in.csv"), "-o", str(folder / "cli.csv"), "--engine", "spark"])
except SystemExit as end:
    assert end.code == 0, end.code

from pyspark.sql import SparkSession
session = SparkSession.builder.config("spark.ui.enabled", "false").getOrCreate()
session.conf.set("spark.sql.files.maxPartitionBytes", "15000")
queries.knowledge.BATCH = 1000
for first, last, without in (("csv", "csv", ()), ("parquet", "parquet", ("B1", "A18"))):
    knowledge = queries.knowledge.Knowledge(without=without)
    source, target = folder / f"in.{first}", folder / f"many.{last}"
    print(knowledge.classify(source, target, engine="spark"))
print(session.read.parquet(str(folder / "kept")).rdd.getNumPartitions())
session.stop()
"""
KEEP = """
import shutil, sys
from pathlib import Path
import queries.spark

def keep(path, ignore_errors=False, remove=shutil.rmtree):
    # What Spark was given is kept aside, to see into how many partitions it was cut.
    given = Path(path) / "given.parquet"
    if given.exists():
        shutil.copy(given, Path(sys.argv[1]) / "kept")
    remove(path, ignore_errors=ignore_errors)

queries.spark.shutil.rmtree = keep
"""


@needs_java
def test_spark_gives_the_same_bytes_as_polars(tmp_path: Path) -> None:
    """On 3,500 rows with problems, over many partitions, files of both engines are the same."""
    knowledge = Knowledge()
    source = tmp_path / "in.csv"
    write_cohort(source, 3_500)
    pl.read_csv(source, infer_schema=False).with_columns(
        pl.col("months_from_diagnosis").cast(pl.Float64, strict=False),
        day=pl.lit(1, dtype=pl.UInt64),
    ).write_parquet(tmp_path / "in.parquet")
    stale = tmp_path / ".cli.csv.spark"
    stale.mkdir()
    (stale / "part-0.parquet").write_bytes(b"of a run that was killed")
    said = process(KEEP + SESSION, tmp_path, env=ENV)
    assert said.status == 0, said.err
    troubled = knowledge.classify(source, tmp_path / "polars.csv")
    other = Knowledge(without=("B1", "A18"))
    others = other.classify(tmp_path / "in.parquet", tmp_path / "polars.parquet")
    counts = [int(n) for n in said.out.split()]
    assert counts[:2] == [troubled, others] and troubled > 100 and counts[2] > 2
    expected = (tmp_path / "polars.csv").read_bytes()
    assert (tmp_path / "cli.csv").read_bytes() == expected
    assert (tmp_path / "many.csv").read_bytes() == expected
    found, wanted = (pl.read_parquet(tmp_path / f"{n}.parquet") for n in ("many", "polars"))
    assert found.equals(wanted) and found.schema == wanted.schema
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith(".")] == []
    assert f"{troubled} rows" in said.err


def test_no_value_of_a_patient_is_said_by_spark(tmp_path: Path) -> None:
    """An unreadable file ends with status 2 and without a line of it, as it does with polars."""
    source = tmp_path / "in.csv"
    source.write_bytes(b"patient_id,testis\na,none\nEva Musterfrau,none,x\n")
    code = "from queries.cli import main; main()"
    arguments = ("classify", source, "-o", tmp_path / "out.csv", "--engine", "spark")
    said = process(code, *arguments, env=ENV)
    assert (said.status, said.out) == (2, "")
    assert "in.csv: not a readable CSV file" in said.err and "Musterfrau" not in said.err
    assert list(tmp_path.iterdir()) == [source]


def test_without_pyspark_it_is_said_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the extra is not installed, the command ends with status 2 and names it."""
    source = tmp_path / "in.csv"
    source.write_text("testis\nnone\n", encoding="utf-8")
    monkeypatch.setitem(sys.modules, "pyspark.sql", None)
    said = rallo("classify", source, "-o", tmp_path / "out.csv", "--engine", "spark")
    assert said.status == 2 and "[spark]" in said.err
    assert list(tmp_path.iterdir()) == [source]


def test_without_java_it_is_said_that_spark_needs_it(tmp_path: Path) -> None:
    """Where no Java is found, the command ends with status 2 and says so."""
    source = tmp_path / "in.csv"
    source.write_text("testis\nnone\n", encoding="utf-8")
    code = "from queries.cli import main; main()"
    env = {k: v for k, v in ENV.items() if k != "JAVA_HOME"} | {
        "PATH": str(bin_without_java(tmp_path))
    }
    said = process(
        code, "classify", source, "-o", tmp_path / "out.csv", "--engine", "spark", env=env
    )
    assert said.status == 2 and "Java 17" in said.err
    assert not (tmp_path / "out.csv").exists()


def bin_without_java(folder: Path) -> Path:
    """Make a folder of the few commands that Spark's scripts call, Java left out."""
    found = folder / "bin"
    found.mkdir()
    for name in ("bash", "sh", "dirname", "basename", "ls", "env", "readlink", "cat"):
        if path := shutil.which(name):
            (found / name).symlink_to(path)
    return found


@pytest.mark.parametrize("change", ["lost", "twice", "one wrong"])
def test_rows_that_spark_loses_are_noticed(change: str, tmp_path: Path) -> None:
    """An answer that lacks a row, or has one twice, is an error and never joined to others."""
    answers = pl.DataFrame({ROW: range(1, 9)}, schema={ROW: pl.Int64})
    answers = answers.with_columns(pl.lit("x").alias(name) for name in OUTPUT)
    changed = {
        "lost": answers.head(7),
        "twice": answers[[0, 1, 2, 3, 4, 5, 6, 7, 7]],
        "one wrong": answers[[0, 1, 2, 4, 4, 5, 6, 7]],
    }
    (tmp_path / "found").mkdir()
    kept = pl.LazyFrame({"patient_id": [str(n) for n in range(8)]})
    for frame, whole in ((answers, True), (changed[change], False)):
        frame[4:].write_parquet(tmp_path / "found" / "part-0.parquet")
        frame[:4].write_parquet(tmp_path / "found" / "part-1.parquet")
        joined = join_answers(kept, tmp_path / "found", 3)
        if whole:
            expected = kept.collect().hstack(answers.drop(ROW))
            assert pl.concat(joined).equals(expected)
        else:
            with pytest.raises(SparkFailedError):
                list(joined)
