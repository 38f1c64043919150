"""Cohort files: CSV and Parquet, in and out, a batch of rows at a time."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import time
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import IO, Literal

import polars as pl
from polars.io.plugins import register_io_source

from reasoner.cohort import CohortClassifier
from reasoner.intake import Intake


class ColumnError(ValueError):
    """Say what is wrong with the columns of a cohort, and which they are."""


def is_parquet(path: Path) -> bool:
    """Tell by its name whether a file is Parquet; every other file is CSV."""
    return path.suffix.lower() == ".parquet"


class Cohort:
    """A cohort file to which output columns are appended."""

    def __init__(self, source: Path, intake: Intake, added: list[str], *, as_text: bool) -> None:
        """Read the header and check it; ``as_text`` turns every column into text.

        Raises:
            ColumnError: the header is missing, names a column twice, has none of the input
                columns, has one that would be written, or one of a type that is no text.
        """
        self.source, self.intake, self.added = source, intake, added
        self.scan = (
            pl.scan_parquet(source)
            if is_parquet(source)
            else pl.scan_csv(source, infer_schema=False, encoding="utf8")
        )
        names = self._header()
        schema = self.scan.collect_schema()
        self._known = [
            self._text(name, schema[name]).alias(trimmed)
            for trimmed, name in zip(names, schema.names(), strict=True)
            if trimmed in intake.columns
        ]
        self._kept = [self._text(*c) if as_text else pl.col(c[0]) for c in schema.items()]
        kept = dict.fromkeys(schema, pl.String()) if as_text else dict(schema)
        self.schema = pl.Schema({**kept, **dict.fromkeys(added, pl.String())})

    def _header(self) -> list[str]:
        """Return the names of the columns, blanks around them left out."""
        name = self.source.name
        if is_parquet(self.source):
            names = self.scan.collect_schema().names()
        else:
            try:
                with self.source.open(encoding="utf-8-sig", newline="") as lines:
                    names = next(csv.reader(lines), [])
            except UnicodeDecodeError as error:
                raise ColumnError(f"{name}: the header is not UTF-8 text") from error
        names = [n.strip() for n in names]
        if not set(names) & set(self.intake.columns):
            raise ColumnError(
                f"{name} has none of the input columns: {', '.join(self.intake.columns)}"
            )
        if twice := sorted({n for n in names if names.count(n) > 1}):
            raise ColumnError(f"{name}: named twice: {', '.join(twice)}")
        if clash := sorted(set(self.added) & set(names)):
            raise ColumnError(f"{name}: these columns would be written: {', '.join(clash)}")
        return names

    def _text(self, name: str, kind: pl.DataType) -> pl.Expr:
        """Return a column as the text that a CSV file would have for it."""
        column, spec = pl.col(name), self.intake.columns.get(name.strip())
        if kind == pl.String:
            return column
        if kind == pl.Boolean and spec is not None:
            words = {True: "yes", False: "no"}
            return column.replace_strict(words, return_dtype=pl.String)
        if isinstance(kind, pl.Datetime) and spec is not None and spec.kind == "date":
            day, midnight = column.dt.date().cast(pl.String), column.dt.time() == time()
            return pl.when(midnight).then(day).otherwise(column.cast(pl.String)).alias(name)
        if kind == pl.List(pl.String):
            return column.list.join(";")
        if kind.is_nested() or kind in (pl.Binary, pl.Object):
            raise ColumnError(f"{self.source.name}, {name}: {kind} has no form as text")
        return column.cast(pl.String)

    def answered(self, classifier: CohortClassifier, size: int) -> Iterator[pl.DataFrame]:
        """Read batches of rows in order and append the output columns to each."""
        done = 0
        for batch in self.scan.collect_batches(chunk_size=size, maintain_order=True):
            if batch.height:
                yield self.answer(classifier, batch, done + 1)
                done += batch.height

    def answer(
        self, classifier: CohortClassifier, batch: pl.DataFrame, first_row: int
    ) -> pl.DataFrame:
        """Append the output columns to one batch of the file."""
        answers = classifier.classify(batch.select(self._known), first_row).select(self.added)
        return batch.select(self._kept).hstack(answers)

    @property
    def unquoted(self) -> bool:
        """Whether it is CSV text without a quote: then no cell of it has to be quoted again."""
        if is_parquet(self.source):
            return False
        with self.source.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as text:
            return text.find(b'"') < 0 and text.find(b"\r") < 0

    def facts(self, row: str) -> pl.LazyFrame:
        """Return the input columns as text, with the numbers of rows, from one on."""
        numbered = self.scan.with_row_index(row, offset=1)
        return numbered.select(pl.col(row).cast(pl.Int64), *self._known)

    def kept(self) -> pl.LazyFrame:
        """Return the columns that are kept, as they are written."""
        return self.scan.select(self._kept)


def write(frames: Iterator[pl.DataFrame], cohort: Cohort, draft: Path, target: Path) -> None:
    """Write answered batches to a draft, in the form that the target's name says."""
    if is_parquet(target):
        _write_parquet(frames, cohort.schema, draft)
    else:
        _write_csv(frames, cohort, draft)


def _write_csv(frames: Iterator[pl.DataFrame], cohort: Cohort, draft: Path) -> None:
    """Write batches as CSV; while one is written, the next one is being answered."""
    quoted = cohort.added if cohort.unquoted else []
    with draft.open("wb") as out, ThreadPoolExecutor(max_workers=1) as writer:
        written: Future[None] = writer.submit(pl.DataFrame(schema=cohort.schema).write_csv, out)
        for frame in frames:
            written.result()
            written = writer.submit(_append, frame, out, quoted)
        written.result()


def _append(frame: pl.DataFrame, out: IO[bytes], quoted: list[str]) -> None:
    """Write a batch; where only some columns may need quotes, no other cell is searched."""
    if quoted:
        frame = frame.with_columns(_quote(frame[name]) for name in quoted)
    style: Literal["never", "necessary"] = "never" if quoted else "necessary"
    frame.write_csv(out, include_header=False, quote_style=style)


def _quote(column: pl.Series) -> pl.Series:
    """Put texts in quotes that need them in CSV, as polars does it; an Enum's only once each."""
    if isinstance(column.dtype, pl.Enum):
        texts = _quote(column.dtype.categories)
        numbered = pl.Series(column.name, texts, dtype=pl.Enum(texts))
        return numbered.gather(column.to_physical().cast(pl.UInt32))
    text = pl.col(column.name)
    doubled = text.str.replace_all('"', '""', literal=True)
    needed = (text == "") | text.str.contains('[",\r\n]')
    quoted = pl.concat_str(pl.lit('"'), doubled, pl.lit('"'))
    chosen = pl.when(needed).then(quoted).otherwise(text)
    return column.to_frame().select(chosen.alias(column.name)).to_series()


def _write_parquet(frames: Iterator[pl.DataFrame], schema: pl.Schema, draft: Path) -> None:
    """Write batches as Parquet, texts as plain texts."""
    failed: list[BaseException] = []

    def source(
        with_columns: list[str] | None,
        predicate: pl.Expr | None,
        n_rows: int | None,
        batch_size: int | None,
    ) -> Iterator[pl.DataFrame]:
        try:
            for frame in frames:
                yield frame.cast(schema)
        except BaseException as error:
            # Polars would turn it into an error of its own.
            failed.append(error)
            raise

    try:
        register_io_source(source, schema=schema).sink_parquet(draft)
    except BaseException as error:
        raise (failed[0] if failed else error) from None
