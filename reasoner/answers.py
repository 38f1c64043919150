"""The whole answer for one described relapse: classes, advice, reasons, and what would settle it.

Plain data come out; evidence is joined to them by the faces' side, which knows the publications.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from reasoner.axes import Axis, Block
from reasoner.decisions import SituationQuestion, YesNoQuestion, decision_questions
from reasoner.intake import Fact, Intake
from reasoner.questions import (
    MISSING,
    NOT_APPLICABLE,
    SILENT,
    UNDETERMINED,
    Question,
    Verdict,
)
from reasoner.record import (
    BlockState,
    Record,
    asks,
    block_state,
    masks_of,
    out_of_scope_text,
    read_record,
    shown,
)
from reasoner.schemes import scheme_questions
from reasoner.table import View


@dataclass(frozen=True)
class Finding:
    """A verdict on a question with what would settle it and the readings that took part."""

    verdict: Verdict
    reason: str
    settled_by: list[str]
    readings: list[str]
    mask: int


class Answerer:
    """Answers every question of a view for one record at a time."""

    def __init__(self, view: View) -> None:
        """Prepare the questions; their spaces are filled on first use."""
        self.view = view
        self.intake = Intake(view)
        self.schemes = scheme_questions(view)
        self.decisions = decision_questions(view)

    @property
    def questions(self) -> list[Question]:
        """All questions: the schemes, then the decisions."""
        return [*self.schemes.values(), *self.decisions.values()]

    @cached_property
    def situations(self) -> dict[str, SituationQuestion]:
        """The situation of every advice, as a question of its own."""
        return {a["name"]: SituationQuestion(self.view, a) for a in self.view.table.advice}

    def read(self, values: Mapping[str, str], row: int = 1) -> Record:
        """Read the columns of one relapse."""
        return read_record(self.intake, values, row)

    def find(self, question: Question, record: Record) -> Finding:
        """Answer one question for one record."""
        if record.out_of_scope:
            return Finding(Verdict(NOT_APPLICABLE, NOT_APPLICABLE), "out-of-scope", [], [], 0)
        mask = select(question, record.states)
        outcomes = question.outcomes_in(mask)
        verdict = question.verdict(outcomes)
        settled_by, reason = self._settle(question, record, verdict, mask)
        readings = {r for o in outcomes for r in o.readings}
        for axis in question.space.axes:
            readings |= self.readings_of(axis, _state(record.states, axis.block), record.masks)
        return Finding(verdict, reason, settled_by, sorted(readings), mask)

    def readings_of(self, axis: Axis, state: BlockState, masks: Mapping[str, int]) -> set[str]:
        """Return the readings by which the state of a block was narrowed on an axis.

        They speak of a fact that was given, or tie one that was given to those of the axis.
        """
        block = axis.block
        assumed = {r for d, r in state.assumed.items() if d in axis.dimensions}
        switched = {
            r
            for r in block.without
            if any(d in masks for d in block.switches[r])
            or block.turns_on(r, axis.dimensions, masks)
        }
        return assumed | switched

    def _settle(
        self, question: Question, record: Record, verdict: Verdict, mask: int
    ) -> tuple[list[str], str]:
        """Return the columns to ask, and the reason why the answer is open."""
        if verdict.reason != MISSING:
            return [], verdict.reason
        wanted: set[str] = set()
        silent: list[str] = []
        for number in question.essential(mask):
            axis = question.space.axes[number]
            state = _state(record.states, axis.block)
            columns = asks(self.intake, record, axis.dimensions, state)
            wanted.update(columns)
            if not columns:
                silent += [self.intake.dimensions[d]["open_because"] for d in axis.dimensions]
        if wanted:
            return sorted(wanted, key=self.intake.rank.__getitem__), MISSING
        return [], next((r for r in silent if r), SILENT)

    # -- the parts of the answer ------------------------------------------------------------------

    def classification(self, record: Record) -> dict[str, Any]:
        """Return the category of every scheme, by the scheme's column."""
        return {key(q.entry): self._category(q, record) for q in self.schemes.values()}

    def _category(self, question: Question, record: Record) -> dict[str, Any]:
        found = self.find(question, record)
        classes = {c["value"]: c["class"] for c in question.entry["categories"]}
        because = [
            ground
            for value in found.verdict.certain
            for ground in self.grounds(question, classes[value], record)
        ]
        return {
            "value": found.verdict.value,
            "status": found.verdict.status,
            "possible": list(found.verdict.possible),
            "because": because,
            "settled_by": found.settled_by,
            "reason": found.reason,
            "readings": found.readings,
            "label": question.entry["label"],
        }

    def grounds(self, question: Question, name: str, record: Record) -> list[dict[str, Any]]:
        """Return the clauses by which a class certainly holds, each with the facts it takes.

        Where the class holds in every completion but no single clause does, the class itself is
        given.
        """
        mask = select(question, record.states)
        entry = self.view.table.classes[name]
        if "clauses" in entry:
            held = [c for c in self.view.clauses(name) if not mask & ~question.vector(c)]
            if held:
                return [g for c in held for g in self.grounds(question, c, record)]
        term = self.view.table.terms[name]
        return [
            {
                "clause": term["label"],
                "criterion": entry.get("criterion") or "every possible case leads here",
                "facts": self.minimal_facts(question, name, record),
                "locator": term["locator"] or term["source"],
                "citations": term["citations"],
                "cited_as": term["cited_as"] or "none",
                "reading": term["reading"],
            }
        ]

    def minimal_facts(self, question: Question, name: str, record: Record) -> dict[str, str]:
        """Return given facts that entail a class and of which none can be left out."""
        vector = question.vector(name)
        kept = dict(record.facts)
        for column in sorted(kept, key=self.rank, reverse=True):
            fewer = {c: f for c, f in kept.items() if c != column}
            if not select(question, self.states(fewer)) & ~vector:
                kept = fewer
        ordered = sorted(kept, key=self.rank)
        return {c: shown(record.given.get(c), kept[c]) for c in ordered}

    def rank(self, column: str) -> int:
        """Return the place of a column; facts named as in the ontology come last."""
        return self.intake.rank.get(column, len(self.intake.rank))

    def states(self, facts: Mapping[str, Fact]) -> list[BlockState]:
        """Return what some facts leave of every block."""
        masks = masks_of(facts.values())
        return [block_state(self.intake, b, masks)[0] for b in self.view.blocks]

    def advice(self, record: Record) -> list[dict[str, Any]]:
        """Return the answer of every yes-or-no decision, then every advice that may apply."""
        items, answers = [], {}
        for name, question in self.decisions.items():
            finding = self.find(question, record)
            answers[name] = finding.verdict.value
            if isinstance(question, YesNoQuestion):
                items.append(self._decision(question, finding, record))
        covered = {n for n, q in self.decisions.items() if isinstance(q, YesNoQuestion)}
        for advice in self.view.table.advice:
            blocked = answers.get(advice["only_if_not"]) in ("no", NOT_APPLICABLE)
            if advice["decision"] not in covered and not blocked and not record.out_of_scope:
                item = self._single(advice, record)
                if item is not None:
                    items.append(item)
        return items

    def _decision(
        self, question: YesNoQuestion, finding: Finding, record: Record
    ) -> dict[str, Any]:
        held = [a for a in question.advice if a["name"] in finding.verdict.certain]
        possible = {n for o in question.outcomes_in(finding.mask) for n in o.grounds}
        open_yet = finding.verdict.status == UNDETERMINED
        bearing = [a for a in question.advice if a["name"] in possible] if open_yet else held
        because = [
            {**ground, "advice": a["name"], "says": a["definition"], "polarity": a["polarity"]}
            for a in held
            for ground in self.grounds(question, a["situation"], record)
        ]
        for ground in because:
            source = next(a for a in held if a["name"] == ground["advice"])
            ground["locator"], ground["citations"] = source["locator"], source["citations"]
        answer = finding.verdict.value
        polarity = {"yes": "for", "no": "against"}.get(answer, "deferred")
        leading = [a for a in held if a["polarity"] == polarity] or held
        return {
            "name": question.name,
            "kind": "decision",
            "action": question.entry["action"],
            "answer": answer,
            "reason": finding.reason,
            "polarity": polarity,
            "modality": leading[0]["modality"] if leading else "open",
            "steps": [],
            "conditions": [],
            "says": [a["definition"] for a in held],
            "advice": [a["name"] for a in bearing],
            "because": because,
            "settled_by": finding.settled_by,
            "readings": finding.readings,
            "locator": ", ".join(
                dict.fromkeys(p for a in leading for p in a["locator"].split(", "))
            )
            or question.entry["locator"],
        }

    def _single(self, advice: dict[str, Any], record: Record) -> dict[str, Any] | None:
        question = self.situations[advice["name"]]
        finding = self.find(question, record)
        if finding.verdict.value == "no":
            return None
        certain = finding.verdict.value == "yes"
        if not certain:
            answer, reason = UNDETERMINED, finding.reason
        elif advice["polarity"] == "deferred":
            answer, reason = UNDETERMINED, advice["reason"]
        else:
            answer, reason = ("no" if advice["polarity"] == "against" else "yes"), ""
        because = self.grounds(question, advice["situation"], record) if certain else []
        for ground in because:
            ground["locator"], ground["citations"] = advice["locator"], advice["citations"]
        return {
            "name": advice["name"],
            "kind": "advice",
            "action": advice["label"],
            "answer": answer,
            "reason": reason,
            "polarity": advice["polarity"],
            "modality": advice["modality"],
            "steps": advice["steps"],
            "conditions": advice["conditions"],
            "says": [advice["definition"]],
            "advice": [advice["name"]],
            "because": because,
            "settled_by": finding.settled_by,
            "readings": finding.readings,
            "locator": advice["locator"],
        }

    def columns(self, record: Record) -> dict[str, str]:
        """Return the output columns of one record, in their order."""
        found: dict[str, str] = {}
        settled: set[str] = set()
        readings: set[str] = set()
        answers: dict[str, str] = {}
        for question in self.questions:
            column = question.entry["column"]
            if column is None:
                continue
            finding = self.find(question, record)
            answers[question.name] = finding.verdict.value
            found[column] = blocked_value(question.entry, answers) or finding.verdict.value
            readings |= set(finding.readings)
            if isinstance(question, YesNoQuestion):
                found[f"{column}_reason"] = finding.reason or ";".join(finding.verdict.certain)
            if question.entry["asked_for"]:
                settled |= set(finding.settled_by)
        found["settled_by"] = ";".join(sorted(settled, key=self.intake.rank.__getitem__))
        found["readings"] = ";".join(sorted(readings))
        found["problems"] = " | ".join(problem_texts(record))
        return found


def key(entry: Mapping[str, Any]) -> str:
    """Return the JSON key of a scheme: its column, or its name where it has none."""
    return entry["column"] or str(entry["name"]).replace("-", "_")


def blocked_value(entry: Mapping[str, Any], answers: Mapping[str, str]) -> str | None:
    """Return ``not-applicable`` for a decision that the answer to another one makes needless."""
    blocker = entry.get("only_if_not")
    return NOT_APPLICABLE if answers.get(str(blocker)) in ("no", NOT_APPLICABLE) else None


def problem_texts(record: Record) -> list[str]:
    """Return the problems of a record as sentences."""
    texts = [str(p) for p in record.problems]
    texts += [out_of_scope_text(record.row, c, record.given[c]) for c in record.out_of_scope]
    return texts


def select(question: Question, states: Iterable[BlockState]) -> int:
    """Return the cells of a question's space that some states of the blocks leave."""
    by_block = {id(s.block): s for s in states}
    return question.space.select(
        [a.project(by_block[id(a.block)].cells) for a in question.space.axes]
    )


def _state(states: Iterable[BlockState], block: Block) -> BlockState:
    return next(s for s in states if s.block is block)
