"""Table 1 of the article as SPARQL rules, and HermiT asked case by case, for the benchmark.

The rules are the OWL definitions of the groups written out as graph patterns, under the default
readings.  What a definition denies is asked for as another value that was given, because absence
of a triple is no denial.  Such rules never claim a group wrongly, but on partial records they are
incomplete: a pattern needs every fact that it names, and a group that holds in every completion of
a record, though no single clause is shown, is not found.  HermiT finds all of them, a case at a
time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from itertools import count

from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, Store, serialize
from rdflib import Graph, Variable

from ontology.modules import open_all, open_with
from queries.knowledge import Knowledge
from reasoner.expressions import And, Expression, HasNumber, HasValue, Named, Not, Or
from reasoner.hermit import Judge
from reasoner.intervals import Interval
from reasoner.structure import Structure
from reasoner.table import View

BASE = "https://w3id.org/rallo/"
SCHEME = "bfm-table-1-groups"
Case = tuple[HasValue | HasNumber, ...]
Groups = list[set[str]]


class Rules:
    """The groups of Table 1 as SPARQL queries."""

    def __init__(self, view: View) -> None:
        """Read the definitions from the ontology."""
        self.view, self._number = view, count()
        structure = Structure(open_all())
        self._definitions, self._closed = structure.definitions, structure.closed
        entry = next(s for s in view.table.schemes if s["name"] == SCHEME)
        self.classes = {c["class"]: c["value"] for c in entry["categories"]}
        self.queries = {
            value: f"PREFIX r: <{BASE}> SELECT DISTINCT ?case {{ ?case a r:Relapse . "
            f"{self._pattern(And((Named(entry['scope']), Named(name))), True)} }}"
            for name, value in self.classes.items()
        }

    def _pattern(self, expression: Expression, holds: bool) -> str:
        match expression:
            case Not(part):
                return self._pattern(part, not holds)
            case And(parts) | Or(parts):
                patterns = [self._pattern(p, holds) for p in parts]
                if isinstance(expression, And) == holds:
                    return " ".join(patterns)
                return " UNION ".join(f"{{ {p} }}" for p in patterns) or "FILTER(false)"
            case Named(name):
                if name in self._closed:
                    clauses = tuple(Named(c) for c in self.view.clauses(name))
                    return self._pattern(Or(clauses), holds)
                if name in self._definitions:
                    return self._pattern(self._definitions[name], holds)
                return "" if holds else "FILTER(false)"
            case HasValue(dimension, value):
                if holds:
                    return f"?case r:{dimension} r:{value} ."
                other = f"?v{next(self._number)}"
                return f"?case r:{dimension} {other} . FILTER({other} != r:{value})"
            case HasNumber(dimension, interval):
                number = f"?v{next(self._number)}"
                low = ">=" if interval.low_closed else ">"
                high = "<=" if interval.high_closed else "<"
                limits = [(low, interval.low), (high, interval.high)]
                tests = [
                    f"{number} {sign} {bound:f}" for sign, bound in limits if bound is not None
                ]
                inside = " && ".join(tests) or "true"
                return f"?case r:{dimension} {number} . FILTER({'' if holds else '!'}({inside}))"


def open_without_assumptions() -> Knowledge:
    """Open the tables without the readings by which silence says something: HermiT knows none."""
    return Knowledge(without=sorted({r for _, r in Knowledge().view.defaults.values()}))


def case_of(knowledge: Knowledge, row: Mapping[str, str]) -> Case | None:
    """Return the certain facts of a row, or nothing where some exclude each other.

    Facts that others entail on their own (involvement from blasts, off treatment from the months
    since) are given to every engine, so that rules for them need not be written.
    """
    record = knowledge.record(row)
    if record.problems or record.out_of_scope:
        return None
    facts: list[HasValue | HasNumber] = []
    for state in record.states:
        for place, dimension in enumerate(state.block.dimensions):
            entry = knowledge.intake.dimensions[dimension]
            left = {cell[place] for cell in state.cells}
            atom = entry["atoms"][min(left)]
            if len(left) == 1 and "value" in atom:
                facts.append(HasValue(dimension, atom["value"]))
            elif len(left) == 1 and "absent" not in atom and entry["column"] in record.given:
                try:
                    number = Decimal(record.given[entry["column"]])
                except InvalidOperation:
                    continue
                facts.append(HasNumber(dimension, Interval(number, True, number, True)))
    return tuple(facts)


def quads(cases: Sequence[Case]) -> Iterable[Quad]:
    """Write cases as triples, numbered from nought."""
    a = NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
    decimal = NamedNode("http://www.w3.org/2001/XMLSchema#decimal")
    for number, case in enumerate(cases):
        subject = NamedNode(f"{BASE}case/{number}")
        yield Quad(subject, a, NamedNode(BASE + "Relapse"))
        for fact in case:
            known = (
                NamedNode(BASE + fact.value)
                if isinstance(fact, HasValue)
                else Literal(format(fact.interval.low or Decimal(0), "f"), datatype=decimal)
            )
            yield Quad(subject, NamedNode(BASE + fact.dimension), known)


def by_hermit(cases: Sequence[Case], rules: Rules) -> Groups:
    """Ask HermiT of every case and group whether it is certain; loading the ontology included."""
    judge = Judge(open_with(rules.view.readings))
    return [
        {v for name, v in rules.classes.items() if judge.decide(And(case), name)} for case in cases
    ]


def by_rdflib(cases: Sequence[Case], rules: Rules) -> Groups:
    """Apply the rules with rdflib, loading the cases included."""
    text = serialize((q.triple for q in quads(cases)), format=RdfFormat.N_TRIPLES)
    graph = Graph().parse(data=text, format="nt")
    case = Variable("case")
    found = {v: [str(b[case]) for b in graph.query(q).bindings] for v, q in rules.queries.items()}
    return _collect(len(cases), found)


def by_pyoxigraph(cases: Sequence[Case], rules: Rules) -> Groups:
    """Apply the rules with the embedded engine, loading the cases included."""
    store = Store()
    store.extend(quads(cases))
    return _collect(
        len(cases),
        {v: [row[0].value for row in store.query(q)] for v, q in rules.queries.items()},  # type: ignore[union-attr]
    )


def _collect(number: int, found: Mapping[str, Iterable[str]]) -> Groups:
    groups: Groups = [set() for _ in range(number)]
    for value, cases in found.items():
        for case in cases:
            groups[int(case.rpartition("/")[2])].add(value)
    return groups
