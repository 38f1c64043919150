"""THE API: a described relapse, a cohort, or a question, to an answer with its evidence.

Faces parse, call one function here, and print.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ontology.files import HOME
from queries.handbook import Handbook
from reasoner.answers import Answerer, problem_texts
from reasoner.conflicts import conflicts
from reasoner.explain import Explainer
from reasoner.intake import Intake
from reasoner.record import Record
from reasoner.table import Table, View, load

if TYPE_CHECKING:
    import polars as pl

    from queries.answers import Answer
    from queries.engines import Engine, Rows

BATCH = 131_072
# Readings switched on and off, folder of the ontology, folder of the tables.
Switches = tuple[tuple[str, ...], tuple[str, ...], Path, Path | None]


class Knowledge:
    """RALLO under a set of readings."""

    def __init__(
        self,
        with_: Iterable[str] = (),
        without: Iterable[str] = (),
        *,
        home: Path = HOME,
        tables: Path | None = None,
        engine: Engine | None = None,
    ) -> None:
        """Open the compiled tables; questions go to the embedded engine, or to the one given.

        Raises:
            reasoner.table.StaleTableError: they belong to other modules.
            reasoner.table.ReadingError: a reading is not known.
        """
        self.switches: Switches = (tuple(with_), tuple(without), home, tables)
        self.table: Table = load(home, tables)
        self.view: View = self.table.view(*self.switches[:2])
        self.answerer = Answerer(self.view)
        self.handbook = Handbook.load()
        self._engine = engine

    @classmethod
    def switched(cls, switches: Switches) -> Knowledge:
        """Open the same tables under the same readings, in another process."""
        with_, without, home, tables = switches
        return cls(with_, without, home=home, tables=tables)

    @cached_property
    def engine(self) -> Engine:
        """The engine that questions are asked of: by default the embedded one.

        Raises:
            queries.dataset.StaleDatasetError: the compiled dataset is missing.
        """
        from queries.dataset import open_dataset
        from queries.engines import Embedded

        return self._engine or Embedded(open_dataset(named=False))

    @cached_property
    def _whole(self) -> Engine:
        """The engine that questions are asked of which read a named graph."""
        from queries.dataset import open_dataset
        from queries.engines import Embedded

        return self._engine or Embedded(open_dataset())

    def query(self, name: str, values: Mapping[str, str] | None = None) -> Answer:
        """Ask one question of the catalogue, its parameters by name.

        Raises:
            queries.catalogue.CatalogueError: question, parameter or value is not known.
            queries.engines.EngineError: the engine could not answer.
        """
        from queries.answers import answer, find_question

        question = find_question(name)
        return answer(self._whole if question.names_graphs else self.engine, question, values)

    def select(self, text: str) -> Rows:
        """Ask a SELECT query of one's own.

        Raises:
            queries.engines.EngineError: the query is not valid, or the engine could not answer.
        """
        return self.engine.select(text)

    @property
    def intake(self) -> Intake:
        """The input columns."""
        return self.answerer.intake

    def recommend(
        self, values: Mapping[str, str], row: int = 1, as_of: str | None = None
    ) -> dict[str, Any]:
        """Answer one relapse: classes, advice with evidence, conflicts, problems.

        ``values`` maps input columns to text, empty for unknown.  With ``as_of`` (a year, a
        month or a day in ISO 8601) later evidence published up to its end is added, apart from the
        article's.

        Raises:
            reasoner.intake.InputError: ``as_of`` is no date.
        """
        record = self.answerer.read(values, row)
        classification = self.answerer.classification(record)
        advice = [self._with_evidence(item, as_of) for item in self.answerer.advice(record)]
        answer = {
            "relapse": record.given,
            "classification": classification,
            "advice": advice,
            "conflicts": conflicts(classification, advice),
            "problems": problem_texts(record),
            "readings": self._readings(classification, advice),
            "release": self.table.release,
            "disclaimer": self.table.data["disclaimer"],
        }
        if as_of is not None:
            answer["as_of"] = as_of
        return answer

    @cached_property
    def explainer(self) -> Explainer:
        """What explains the answers."""
        return Explainer(self.answerer)

    def explain(
        self, values: Mapping[str, str], row: int = 1, only: Iterable[str] = ()
    ) -> dict[str, Any]:
        """Explain one relapse: for every class and advice the clause, the fewest facts, readings.

        ``only`` names output columns or advice; without it all are explained.
        """
        from queries.explaining import explained

        return explained(self.explainer, self.answerer.read(values, row), only)

    def _with_evidence(self, item: dict[str, Any], as_of: str | None) -> dict[str, Any]:
        names = item["advice"]
        joined = {**item, **self._evidence(names, by_action=item["kind"] == "decision")}
        if as_of is not None:
            later = self.handbook.later(names, as_of)
            joined["later_evidence"] = later
            statuses = {e["status"] for e in later}
            joined["status"] = next(
                (s for s in ("superseded", "modified", "confirmed") if s in statuses), "current"
            )
        return joined

    def _evidence(self, names: list[str], *, by_action: bool) -> dict[str, Any]:
        """Return the evidence on some advice; for a decision, by what it says of the action.

        What supports advice against an action contradicts the action, and the other way round; what
        bears on advice that leaves it open only qualifies it.
        """
        polarity = {a["name"]: a["polarity"] for a in self.table.advice}
        sides: dict[str, list[tuple[list[str], str]]] = {
            "supported_by": [(names, "supports")],
            "contradicted_by": [(names, "contradicts")],
            "qualified_by": [(names, "qualifies")],
        }
        if by_action:
            against = [n for n in names if polarity[n] == "against"]
            deferred = [n for n in names if polarity[n] == "deferred"]
            pro = [n for n in names if n not in against and n not in deferred]
            sides["supported_by"] = [(pro, "supports"), (against, "contradicts")]
            sides["contradicted_by"] = [(pro, "contradicts"), (against, "supports")]
            sides["qualified_by"] += [(deferred, "supports"), (deferred, "contradicts")]
        return {
            side: list(
                {e["id"]: e for part in parts for e in self.handbook.evidence(*part)}.values()
            )
            for side, parts in sides.items()
        }

    def _readings(
        self, classification: Mapping[str, Any], advice: Iterable[Mapping[str, Any]]
    ) -> dict[str, str]:
        used = {r for e in classification.values() for r in e["readings"]}
        used |= {r for item in advice for r in item["readings"]}
        return {r: self.table.readings[r]["definition"] for r in sorted(used)}

    def record(self, values: Mapping[str, str], row: int = 1) -> Record:
        """Read one relapse without answering anything."""
        return self.answerer.read(values, row)

    def classify(
        self,
        source: Path,
        target: Path,
        progress: Callable[[int], None] | None = None,
        engine: str = "polars",
    ) -> int:
        """Append the output columns to every row of a cohort; return the rows with problems.

        Source and target are Parquet files where their names end in ``.parquet``, and CSV files
        otherwise.  Rows stream through in batches.  The target appears whole under its name or not
        at all.  ``engine`` is polars or spark; both write the same rows.

        Raises:
            queries.cohorts.ColumnError: the header is missing, names a column twice, has none of
                the input columns, has one that would be written, or one of a type that is no text.
            queries.spark.SparkMissingError: Spark, or the Java it needs, is not there.
            queries.spark.SparkFailedError: Spark did not finish.
        """
        from queries.cohorts import Cohort, is_parquet, write
        from reasoner.cohort import CohortClassifier
        from reasoner.drafts import whole

        classifier = CohortClassifier(self.answerer)
        added = classifier.output_columns()
        cohort = Cohort(source, self.intake, added, as_text=not is_parquet(target))
        done = troubled = 0

        def counted(frames: Iterator[pl.DataFrame]) -> Iterator[pl.DataFrame]:
            nonlocal done, troubled
            for frame in frames:
                done += frame.height
                troubled += int((frame["problems"] != "").sum())
                if progress is not None:
                    progress(done)
                yield frame

        with whole(target) as draft:
            if engine == "spark":
                from queries.spark import answered

                with answered(self, cohort, target, BATCH) as frames:
                    write(counted(frames), cohort, draft, target)
            else:
                frames = cohort.answered(classifier, BATCH)
                write(counted(frames), cohort, draft, target)
        return troubled
