"""What follows from the dataset: the class hierarchy, the classes of cases, where schemes differ.

The hierarchy is HermiT's. All of it holds under the readings that are on by default. A case is
given a class only where the compiled tables, which HermiT has judged, say that it is certain.
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
from queries.knowledge import Knowledge
from reasoner.hermit import Judge


def infer(cases: Path, home: Path = HOME) -> Graph:
    """Return superclasses, the classes of every case, and where schemes differ; needs Java.

    Raises:
        reasoner.hermit.JavaNotFoundError: no Java was found.
        reasoner.hermit.ReasoningError: HermiT refused the ontology.
    """
    graph = Graph()
    judge = Judge(open_with(default_readings(open_all(home)), home))
    for lower, upper in judge.hierarchy():
        graph.add((URIRef(BASE + lower), RDFS.subClassOf, URIRef(BASE + upper)))
    knowledge = Knowledge()
    for case, category in _classes(cases, knowledge):
        graph.add((case, RDF.type, URIRef(BASE + category)))
    graph += describe_discordances(knowledge.view)
    return graph


def _classes(cases: Path, knowledge: Knowledge) -> Iterator[tuple[URIRef, str]]:
    categories = {
        (scheme["column"] or scheme["name"], category["value"]): category["class"]
        for scheme in knowledge.table.data["schemes"]
        for category in scheme["categories"]
    }
    names = {str(case).rpartition("/")[2]: case for case in _subjects(cases)}
    for values in read_relapses(cases):
        record = knowledge.answerer.read(values, 1)
        for scheme, entry in knowledge.answerer.classification(record).items():
            category = categories.get((scheme, entry["value"]))
            if category is not None:
                yield names[values["patient_id"]], category


def _subjects(cases: Path) -> Iterator[URIRef]:
    for case in Graph().parse(cases).subjects(RDF.type, RALLO.Relapse):
        if isinstance(case, URIRef):
            yield case
