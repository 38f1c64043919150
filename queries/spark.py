"""A cohort answered on Spark: the same tables, asked by the same code in Spark's workers.

Files are read and written by polars whatever the engine, so that both take a file alike: Spark gets
the input columns as numbered rows in a Parquet folder beside the target, and its answers are joined
to the cohort by the numbers of rows.  On a cluster that folder has to be one that all workers see.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache, partial
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from queries.cohorts import Cohort
from reasoner.cohort import CohortClassifier

if TYPE_CHECKING:
    from pyarrow import RecordBatch
    from pyspark.sql import SparkSession

    from queries.knowledge import Knowledge, Switches

ROW = "rallo_row_number"
LOST = "Spark did not give back every row of the cohort once and in order"


class SparkMissingError(RuntimeError):
    """Say what Spark lacks, and how to get it."""


class SparkFailedError(RuntimeError):
    """Say that Spark did not finish; what it said of the data is left out."""


@contextmanager
def answered(
    knowledge: Knowledge, cohort: Cohort, target: Path, size: int
) -> Iterator[Iterator[pl.DataFrame]]:
    """Answer a cohort on Spark; give its rows in order, in batches of a size.

    Raises:
        SparkMissingError: PySpark, or the Java it needs, is not there.
        SparkFailedError: Spark gave up, or lost rows.
    """
    folder = target.with_name(f".{target.name}.spark")
    shutil.rmtree(folder, ignore_errors=True)  # that of a run that was killed
    try:
        import pyspark.sql  # noqa: F401
    except ImportError as error:
        message = f'{error.name} is not installed; run: pip install -e ".[spark]"'
        raise SparkMissingError(message) from error
    try:
        folder.mkdir()
        given, found = folder / "given.parquet", folder / "found"
        cohort.facts(ROW).sink_parquet(given, row_group_size=size)
        with _session() as session:
            _ask(session, knowledge, given, found, cohort.added, size)
        yield join_answers(cohort.kept(), found, size)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _session() -> Iterator[SparkSession]:
    """Use the session that is open, or one of Spark's own settings for the time it takes."""
    from pyspark.errors import PySparkException, PySparkRuntimeError
    from pyspark.sql import SparkSession

    opened = SparkSession.getActiveSession()
    if opened is not None:
        yield opened
        return
    # Workers are of this environment unless the settings say which.
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    builder = SparkSession.builder.appName("rallo")
    for setting in ("spark.ui.enabled", "spark.ui.showConsoleProgress"):
        builder = builder.config(setting, "false")
    try:
        session = builder.config("spark.log.level", "OFF").getOrCreate()
    except (PySparkException, PySparkRuntimeError, FileNotFoundError) as error:
        message = "Spark needs Java 17 or newer, under JAVA_HOME or on the PATH; it did not start"
        raise SparkMissingError(message) from error
    try:
        yield session
    finally:
        session.stop()


def _ask(
    session: SparkSession,
    knowledge: Knowledge,
    given: Path,
    found: Path,
    added: list[str],
    size: int,
) -> None:
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    session.conf.set("spark.sql.execution.arrow.maxRecordsPerBatch", str(size))
    schema = ", ".join([f"{ROW} long", *(f"{name} string" for name in added)])
    answer = partial(_answer, knowledge.switches, added)
    try:
        rows = session.read.parquet(given.absolute().as_uri())
        rows.mapInArrow(answer, schema).write.parquet(found.absolute().as_uri())
    except (PySparkException, Py4JError) as error:
        raise SparkFailedError(f"Spark did not finish ({type(error).__name__})") from None


def _answer(
    switches: Switches, added: list[str], batches: Iterable[RecordBatch]
) -> Iterator[RecordBatch]:
    """Answer the rows of a partition, in a worker."""
    import pyarrow as pa

    classifier = _classifier(switches)
    schema = pa.schema([(ROW, pa.int64()), *((name, pa.string()) for name in added)])
    for batch in batches:
        frame = pl.DataFrame(pl.from_arrow(batch))
        numbers = frame[ROW].to_numpy()
        # Problems name rows by number: what is answered at once has numbers without a gap.
        breaks = [0, *(np.flatnonzero(np.diff(numbers) != 1) + 1).tolist(), frame.height]
        for start, end in pairwise(breaks):
            if start < end:
                part = frame.slice(start, end - start)
                answers = classifier.classify(part.drop(ROW), int(numbers[start]))
                table = part.select(ROW).hstack(answers.select(pl.col(added).cast(pl.String)))
                yield from table.to_arrow().cast(schema).to_batches()


@cache
def _classifier(switches: Switches) -> CohortClassifier:
    """Open the tables once in every worker."""
    from queries.knowledge import Knowledge

    return CohortClassifier(Knowledge.switched(switches).answerer)


def join_answers(kept: pl.LazyFrame, found: Path, size: int) -> Iterator[pl.DataFrame]:
    """Join answers to a cohort's rows; parts are put in order by the row with which they begin.

    Raises:
        SparkFailedError: the rows of the answers are not those of the cohort.
    """
    scans = [pl.scan_parquet(p) for p in found.glob("part-*.parquet")]
    first = [s.select(pl.col(ROW).first()).collect().item() for s in scans]
    ordered = sorted((row, n) for n, row in enumerate(first) if row is not None)
    if not ordered:
        return
    answers = pl.concat([scans[n] for _, n in ordered])
    done = 0
    beside = pl.concat([kept, answers], how="horizontal")
    try:
        for batch in beside.collect_batches(chunk_size=size, maintain_order=True):
            expected = pl.Series(ROW, range(done + 1, done + batch.height + 1), dtype=pl.Int64)
            if not batch[ROW].equals(expected):
                raise SparkFailedError(LOST)
            done += batch.height
            yield batch.drop(ROW)
    except pl.exceptions.ShapeError as error:
        raise SparkFailedError(LOST) from error
