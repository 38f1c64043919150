"""What follows from the dataset: the class hierarchy, the classes of cases, where schemes differ.

The hierarchy is HermiT's. All of it holds under the readings that are on by default. A case is
given a class only where the compiled tables, which HermiT has judged, say that it is certain. Each
such class, and each advice, comes with its explanations.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from rdflib import RDF, RDFS, Graph, URIRef

from loaders.cohort import read_relapses
from ontology.files import BASE, HOME
from ontology.modules import default_readings, open_all, open_with
from ontology.terms import RALLO
from queries.discordances import describe_discordances
from queries.explained_cases import ExplainedCase, Triple
from queries.knowledge import Knowledge
from reasoner.hermit import Judge


def infer(cases: Path, home: Path = HOME) -> Graph:
    """Return superclasses, what holds of every case and why, and where schemes differ; needs Java.

    Raises:
        reasoner.hermit.JavaNotFoundError: no Java was found.
        reasoner.hermit.ReasoningError: HermiT refused the ontology.
    """
    graph = Graph()
    judge = Judge(open_with(default_readings(open_all(home)), home))
    for lower, upper in judge.hierarchy():
        graph.add((URIRef(BASE + lower), RDFS.subClassOf, URIRef(BASE + upper)))
    knowledge = Knowledge()
    for triple in _concluded(cases, knowledge):
        graph.add(triple)
    graph += describe_discordances(knowledge.view)
    return graph


def _concluded(cases: Path, knowledge: Knowledge) -> Iterator[Triple]:
    stored = Graph().parse(cases)
    names = {str(case).rpartition("/")[2]: case for case in _subjects(stored)}
    for values in read_relapses(cases):
        record, case = knowledge.record(values), names[values["patient_id"]]
        explained = ExplainedCase(case, stored, record, knowledge)
        for conclusion in explained.conclusions:
            if conclusion.kind == "category" and conclusion.status == "entailed":
                yield case, RDF.type, URIRef(BASE + conclusion.term)
        yield from explained.triples()


def _subjects(stored: Graph) -> Iterator[URIRef]:
    for case in stored.subjects(RDF.type, RALLO.Relapse):
        if isinstance(case, URIRef):
            yield case
