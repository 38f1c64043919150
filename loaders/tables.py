"""What the tables of facts look like: their columns, what a cell may hold, and what it becomes.

    header of a column -> Kind (pattern, node) and property -> one triple per part of a cell

What a closed column may say is not here: it is the range of its property in the ontology.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache, partial
from importlib.resources import files
from re import fullmatch
from typing import NamedTuple

from rdflib import DCTERMS, OWL, RDFS, SKOS, XSD, Graph, Literal, URIRef
from rdflib.term import Node

from ontology.files import BASE
from ontology.terms import RALLO

__all__ = ["TABLES", "Kind", "Table", "closed_lists", "kind_of", "property_of"]


class Kind(NamedTuple):
    """Tell what some columns may hold and what becomes of it in the graph."""

    columns: str
    allowed: str
    pattern: str
    node: Callable[[str], Node] = Literal
    many: bool = False

    def parts(self, value: str) -> list[str]:
        """Split the cell if these columns list several things."""
        return [part for part in value.split(";") if part] if self.many else [value]

    def admits(self, value: str) -> bool:
        """Test the cell: every part well formed, none of them twice."""
        parts = value.split(";") if self.many else [value]
        return len({*parts}) == len(parts) and all(fullmatch(self.pattern, p) for p in parts)


def _under(branch: str) -> Callable[[str], Node]:
    return lambda name: URIRef(f"{BASE}{branch}/{name}")


def _publication(name: str) -> Node:
    """Name a publication by its plain number, and the article by its name."""
    branch, _, number = name.partition("-")
    return URIRef(f"{BASE}{branch}/{int(number)}" if number else f"{BASE}{name}")


def _path(path: str) -> Node:
    return URIRef(BASE + path)


_NAME = r"[a-z0-9]+(?:-[a-z0-9]+)*"
_NUMBER = r"[1-9]|[1-8][0-9]|9[0-6]"
_PLACE = r"P(?:[1-9]|[1-3][0-9]|4[0-3])|P12 S[1-4]"
_DATE = r"[12][0-9]{3}(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12][0-9]|3[01]))?)?"
_AMOUNT = r"(?:0|[1-9][0-9]*)(?:\.[0-9]+)?"
_boolean = partial(Literal, datatype=XSD.boolean)
_integer = partial(Literal, datatype=XSD.integer)
_decimal = partial(Literal, datatype=XSD.decimal)


def _ids(columns: str, branch: str, table: str, *, many: bool = False) -> Kind:
    allowed = f"ids of {table} joined by ;" if many else f"an id of {table}"
    return Kind(columns, allowed, _NAME, _under(branch), many)


def _paths(columns: str, *branches: str) -> Kind:
    allowed = f"{' or '.join(f'{b}/id' for b in branches)}, joined by ;"
    return Kind(columns, allowed, rf"(?:{'|'.join(branches)})/{_NAME}", _path, True)


_TEXT = Kind("", "text without outer blanks; the unknown is left empty", r"(?!-$)\S(?:.*\S)?")
_KINDS = (
    Kind("id", "small letters and digits, joined by single hyphens", _NAME),
    Kind(
        "et_al novel in_classification content_in_text safety",
        "true or false",
        "true|false",
        _boolean,
    ),
    Kind("published", "YYYY, YYYY-MM or YYYY-MM-DD", _DATE),
    Kind("year n", "a whole number", r"0|[1-9][0-9]*", _integer),
    Kind("position", "a whole number from 1", r"[1-9][0-9]*", _integer),
    Kind("value value_high derived_value", "a decimal number", _AMOUNT, _decimal),
    Kind("locator", "P1 to P43, or a group of Table 1 as 'P12 S2', joined by ;", _PLACE, many=True),
    Kind("pmid", "a PubMed number", r"[1-9][0-9]{0,8}"),
    Kind("doi", "a DOI without an address before it", r"10\.[0-9]{4,9}/\S+"),
    Kind("number", "a reference number, 1 to 96", _NUMBER, _integer),
    Kind(
        "citations reports",
        "reference numbers, 1 to 96, joined by ;",
        _NUMBER,
        _under("reference"),
        True,
    ),
    Kind("source", "a reference number, 1 to 96", _NUMBER, _under("reference")),
    Kind("identifiers registry_ids", "identifiers joined by ;", r"[^\s;]+", many=True),
    Kind(
        "cooperative_group inputs route study_design synonyms",
        "texts joined by ;",
        r"[^\s;](?:[^;]*[^\s;])?",
        many=True,
    ),
    _ids("study", "study", "studies.tsv", many=True),
    _ids("arm", "arm", "arms.tsv"),
    _ids("comparator", "arm", "arms.tsv", many=True),
    _ids("population", "population", "populations.tsv"),
    _ids("part_of", "outcome", "outcomes.tsv"),
    _ids("outcomes", "outcome", "outcomes.tsv", many=True),
    _ids("in_statement", "statement", "statements.tsv"),
    _ids("regimen", "regimen", "regimens.tsv"),
    _paths("agents treatment", "treatment"),
    _paths("supports contradicts qualifies", "advice", "statement"),
    _paths("differs_from", "statement", "outcome"),
    _paths("different_from", "reference", "study", "regimen"),
    Kind("relapse_class", "the name of a class of the ontology", r"[A-Z]\w*", _path),
    Kind(
        "about",
        "study/id, treatment/id, regimen/id, lesion/id, figure/id, or a term's name, joined by ;",
        rf"(?:study|treatment|regimen|lesion|figure)/{_NAME}|[A-Za-z]\w*",
        _path,
        True,
    ),
)
_KIND_OF = {column: kind for kind in _KINDS for column in kind.columns.split()}

# Columns whose property does not bear their name.
_PROPERTY_OF = {
    **dict.fromkeys(("statement", "name", "label", "component"), RDFS.label),
    "agents": RALLO.gives,
    "authors": DCTERMS.creator,
    "check": RALLO.arithmeticCheck,
    "citations": RALLO.cites,
    "different_from": OWL.differentFrom,
    "in_classification": RALLO.usedInClassification,
    "inputs": RALLO.takesInput,
    "n": RALLO.sampleSize,
    "note": SKOS.editorialNote,
    "outcomes": RALLO.hasOutcome,
    "population": RALLO.inPopulation,
    "quantity": RALLO.quantityKind,
    "regimen": RALLO.componentOf,
    "registry_ids": RALLO.identifiers,
    "reports": RALLO.reportedIn,
    "role": RALLO.doseRole,
    "safety": RALLO.safetyConcern,
    "source": RALLO.saidIn,
    "synonyms": SKOS.altLabel,
    "title": DCTERMS.title,
    "title_or_trial": DCTERMS.title,
    "treatment": RALLO.gives,
    "unit": RALLO.valueUnit,
    "year": DCTERMS.date,
}


def kind_of(column: str) -> Kind:
    """Tell what a column may hold; a column without a kind of its own holds text."""
    return _KIND_OF.get(column, _TEXT)


def property_of(column: str) -> URIRef:
    """Name the property that a column states."""
    first, *rest = column.split("_")
    return _PROPERTY_OF.get(column) or RALLO[first + "".join(map(str.capitalize, rest))]


class Table(NamedTuple):
    """Tell what the rows of a table are, how they are named, and their columns in order.

    A question mark after a column says that its cell may be empty.
    """

    type: URIRef
    node: Callable[[str], Node]
    columns: str

    @property
    def header(self) -> list[str]:
        """Return the names of the columns."""
        return self.columns.replace("?", "").split()

    @property
    def optional(self) -> set[str]:
        """Return the columns whose cells may be empty."""
        return {name[:-1] for name in self.columns.split() if name.endswith("?")}


_FIGURE = "operator? value? value_high? unit?"
_PLACED = "locator citations? citation_mode"
TABLES: Mapping[str, Table] = {
    "algorithms.tsv": Table(
        RALLO.Algorithm,
        lambda name: URIRef(BASE + name.replace("-", "/", 1)),
        "id label inputs content_in_text locator note?",
    ),
    "arms.tsv": Table(
        RALLO.Arm, _under("arm"), "id study label arm_kind agents? n? n_counts? locator note?"
    ),
    "components.tsv": Table(
        RALLO.Component,
        _under("component"),
        "id regimen component treatment? position? schedule? note?",
    ),
    "drugs.tsv": Table(
        RALLO.Agent,
        _under("treatment"),
        f"id name agent_kind drug_class? target? route? novel setting? {_PLACED} note?",
    ),
    "later_evidence.tsv": Table(
        RALLO.LaterEvidence,
        _under("later-evidence"),
        "id statement published? title_or_trial identifiers? patients figures supports? "
        "contradicts? qualifies? advice_status where_read note?",
    ),
    "lesions.tsv": Table(
        RALLO.Lesion,
        _under("lesion"),
        f"id name synonyms? lesion_kind prognostic_direction in_classification {_PLACED} note?",
    ),
    "outcomes.tsv": Table(
        RALLO.Outcome,
        _under("outcome"),
        f"id study? arm? comparator? population metric {_FIGURE} direction? significance? "
        f"time_point n? n_counts? part_of? {_PLACED} derived_value? check? note?",
    ),
    "populations.tsv": Table(
        RALLO.Population,
        _under("population"),
        "id label disease age_group line lineage site relapse_class? note?",
    ),
    "publications.tsv": Table(
        RALLO.Publication,
        _publication,
        "id number? authors et_al title container year volume? issue? pages? publication_type "
        "pmid? doi? id_source? name_in_body? different_from? note?",
    ),
    "quantities.tsv": Table(
        RALLO.Quantity,
        _under("quantity"),
        "id in_statement arm? treatment? quantity measures operator value value_high? unit "
        "printed? role? derived_value? check? note?",
    ),
    "regimens.tsv": Table(
        RALLO.Regimen, _under("regimen"), f"id name study? purpose {_PLACED} different_from? note?"
    ),
    "source_statements.tsv": Table(
        RALLO.SourceStatement,
        _under("source-statement"),
        "id statement source differs_from? difference safety where_read note?",
    ),
    "statements.tsv": Table(
        RALLO.Statement,
        _under("statement"),
        "id kind statement about? population? directness study_design hedge modality? "
        f"{_PLACED} outcomes? supports? contradicts? qualifies? note?",
    ),
    "studies.tsv": Table(
        RALLO.Study,
        _under("study"),
        "id name cooperative_group? study_design patients line n? n_counts? study_status reports? "
        "citation_mode registry_ids? id_source? different_from? locator note?",
    ),
}


# The modules that declare the properties of the tables.
_MODULES = ("advice", "evidence", "genetics", "publication", "study", "treatment")


@cache
def closed_lists() -> Mapping[Node, tuple[str, ...]]:
    """Read from the ontology what each closed property may say."""
    return dict(_ranges())


def _ranges() -> Iterator[tuple[Node, tuple[str, ...]]]:
    for name in _MODULES:
        text = files("ontology").joinpath(f"{name}.ttl").read_text("utf-8")
        graph = Graph().parse(data=text, format="turtle")
        for term, datatype in graph.subject_objects(RDFS.range):
            for members in graph.objects(datatype, OWL.oneOf):
                yield term, tuple(str(member) for member in graph.items(members))
