"""Names for sets of combinations of facts: a class that is just the set, or values in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property

from reasoner.axes import Axis, Cell
from reasoner.intervals import Interval
from reasoner.questions import Outcome, Question, Verdict
from reasoner.schemes import scheme_questions
from reasoner.table import View


class _Probe(Question):
    """Asks nothing; it spans the space in which classes over some facts can be compared."""

    def _in_scope(self, scope: int) -> Iterator[tuple[int, Outcome]]:
        yield scope, Outcome(True)

    def verdict(self, outcomes: Iterable[Outcome]) -> Verdict:
        return Verdict("", "")


class Names:
    """Finds names under one set of readings."""

    def __init__(self, view: View) -> None:
        """Keep the tables."""
        self.view, self.table = view, view.table
        self.dimensions = view.table.dimensions

    @cached_property
    def site_facts(self) -> set[str]:
        """The facts of the first scheme that knows no clock: it names the sites."""
        for question in scheme_questions(self.view).values():
            if not any(self.dimensions[d]["starts_on"] for d in question.facts):
                return question.facts
        return set()

    def is_clock(self, axis: Axis) -> bool:
        """Tell whether an axis holds an interval between two dates."""
        return any(self.dimensions[d]["starts_on"] for d in axis.dimensions)

    def rank(self, axis: Axis) -> int:
        """Return the place of an axis in the order in which facts are asked."""
        return min(int(self.dimensions[d]["rank"]) for d in axis.dimensions)

    @cached_property
    def _facts(self) -> dict[str, set[str]]:
        """The facts that each class rests on."""
        return {name: self.view.closure([name])[1] for name in self.table.classes}

    def of(self, axes: Sequence[Axis], entries: Iterable[Sequence[Cell]]) -> str:
        """Name a set of combinations on some axes."""
        wanted = {d for a in axes for d in a.dimensions}
        entries = [tuple(e) for e in entries]
        candidates = [n for n, facts in self._facts.items() if facts and facts <= wanted]
        probe = _Probe(self.view, {"name": "names", "scope": None}, candidates)
        if probe.facts == wanted:
            mask = 0
            for chosen in entries:
                part = probe.space.full
                for axis, entry in zip(axes, chosen, strict=True):
                    for dimension, index in zip(axis.dimensions, entry, strict=True):
                        part &= probe.space.atom(dimension, index)
                mask |= part
            same = [n for n in candidates if probe.vector(n) == mask]
            if mask == probe.space.full:
                return "any"
            if same:
                return str(self.table.terms[min(same, key=self.plainness)]["label"])
            if labels := self._made_of(probe, candidates, mask):
                return " or ".join(labels)
        return " or ".join(dict.fromkeys(self._words(axes, chosen) for chosen in entries))

    def plainness(self, name: str) -> tuple[bool, int, str]:
        """Order names: one that is closed by clauses, which readings give, comes last."""
        label = str(self.table.terms[name]["label"])
        return "clauses" in self.table.classes[name], len(label), label

    def _made_of(self, probe: Question, candidates: list[str], mask: int) -> list[str]:
        """Name a set by few classes that fill it, the widest first."""
        inside = {n: probe.vector(n) for n in candidates if probe.vector(n)}
        inside = {n: v for n, v in inside.items() if not v & ~mask}
        labels, left = [], mask
        while left and inside:
            name = max(inside, key=lambda n: ((inside[n] & left).bit_count(), -len(n)))
            if not inside[name] & left:
                return []
            labels.append(str(self.table.terms[name]["label"]))
            left &= ~inside.pop(name)
        return labels if not left else []

    def _words(self, axes: Sequence[Axis], chosen: Sequence[Cell]) -> str:
        labels = [
            self.dimensions[dimension]["atoms"][index]["label"]
            for axis, entry in zip(axes, chosen, strict=True)
            for dimension, index in zip(axis.dimensions, entry, strict=True)
        ]
        return ", ".join(labels)

    def clock(self, axis: Axis, entries: Sequence[Cell]) -> str:
        """Write neighbouring combinations on a clock: what is stated, then the stretch."""
        stated: list[str] = []
        stretches: list[Interval] = []
        for entry in entries:
            for dimension, index in zip(axis.dimensions, entry, strict=True):
                atom = self.dimensions[dimension]["atoms"][index]
                if "low" in atom:
                    stretches.append(Interval.read(atom))
                elif atom.get("absent"):
                    stated += self._instead(axis, entry)
                elif not self._has_number(axis, entry):
                    stated.append(atom["label"])
        words = list(dict.fromkeys(stated))
        if stretches:
            words.append(stretches[0].up_to(stretches[-1]).words())
        return " or ".join(words)

    def _instead(self, axis: Axis, entry: Cell) -> Iterator[str]:
        """Yield what holds wherever an interval does not exist."""
        block = axis.block
        cells = [c for c in block.cells if axis.project([c]) == {axis.position(entry)}]
        for dimension, column in zip(block.dimensions, zip(*cells, strict=True), strict=True):
            atom = self.dimensions[dimension]["atoms"][column[0]]
            if dimension not in axis.dimensions and len(set(column)) == 1:
                yield atom["label"]

    def _has_number(self, axis: Axis, entry: Cell) -> bool:
        atoms = zip(axis.dimensions, entry, strict=True)
        return any("low" in self.dimensions[d]["atoms"][i] for d, i in atoms)
