"""Prove that the committed facts fit the shapes, and that each shape finds what is wrong."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pytest
from rdflib import RDF, SH, Graph, URIRef

from loaders.facts import load_facts
from loaders.shapes import Violation, open_shapes, validate
from loaders.tables import TABLES
from ontology.files import BASE, HOME
from ontology.terms import local

PREFIXES = """
@base <https://w3id.org/rallo/> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix rallo: <https://w3id.org/rallo/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
"""
# One sound individual of each class, under the name of its shape, and what these need besides.
SOUND = """
<agent> a rallo:Agent ; rdfs:label "a drug"@en ; rallo:agentKind "agent" ; rallo:novel true ;
    rallo:drugClass "its class" ; rallo:citationMode "printed" ; rallo:cites <publication> .
<algorithm> a rallo:Algorithm ; rdfs:label "a figure"@en ; rallo:locator "P20" ;
    rallo:contentInText false ; rallo:takesInput "age" .
<arm> a rallo:Arm ; rdfs:label "an arm"@en ; rallo:locator "P16" ; rallo:study <study> ;
    rallo:armKind "treatment" ; rallo:gives <agent> .
<component> a rallo:Component ; rdfs:label "a part"@en ; rallo:componentOf <regimen> ;
    rallo:gives <agent> ; rallo:position 1 .
<later-evidence> a rallo:LaterEvidence ; rdfs:label "a finding"@en ; rallo:adviceStatus "modified" ;
    rallo:figures "12 of 20" ; rallo:patients "children" ; rallo:whereRead "a page" ;
    rallo:published "2021-05" .
<lesion> a rallo:Lesion ; rdfs:label "a marker"@en ; rallo:locator "P10" ;
    rallo:lesionKind "mutation" ; rallo:prognosticDirection "adverse" ;
    rallo:usedInClassification false ; rallo:citationMode "inherited" ; rallo:cites <publication> .
<outcome> a rallo:Outcome ; rdfs:label "a result"@en ; rallo:locator "P12 S2" ;
    rallo:citationMode "none" ; rallo:metric "EFS" ; rallo:inPopulation <population> ;
    rallo:timePoint "not stated" ; rallo:study <study> ; rallo:arm <arm> ; rallo:operator "=" ;
    rallo:value 50.0 ; rallo:valueUnit "%" .
<whole> a rallo:Outcome ; rdfs:label "a count"@en ; rallo:locator "P33" ;
    rallo:citationMode "none" ; rallo:metric "CR" ; rallo:inPopulation <population> ;
    rallo:timePoint "not stated" ; rallo:operator "=" ; rallo:value 9.0 ; rallo:valueUnit "1" ;
    rallo:sampleSize 15 .
<population> a rallo:Population ; rdfs:label "children"@en ; rallo:disease "ALL" ;
    rallo:ageGroup "children" ; rallo:line "relapse" ; rallo:lineage "T" ; rallo:site "CNS" .
<publication> a rallo:Publication ; rdfs:label "a paper"@en ; dcterms:title "A paper" ;
    dcterms:creator "Pui CH" ; dcterms:date 2008 ; rallo:number 7 ;
    rallo:publicationType "journal-article" ; rallo:doi "10.1182/x" ; rallo:pmid "123" .
<quantity> a rallo:Quantity ; rdfs:label "a dose"@en ; rallo:inStatement <statement> ;
    rallo:quantityKind "dose" ; rallo:measures "a drug" ; rallo:operator "range" ;
    rallo:value 5.0 ; rallo:valueHigh 30.0 ; rallo:valueUnit "mg/m2" ; rallo:gives <agent> ;
    rallo:doseRole "studied" .
<regimen> a rallo:Regimen ; rdfs:label "a block"@en ; rallo:locator "P16" ;
    rallo:citationMode "none" ; rallo:purpose "reinduction" .
<source-statement> a rallo:SourceStatement ; rdfs:label "what a work says"@en ;
    rallo:saidIn <publication> ; rallo:difference "dose" ; rallo:safetyConcern false ;
    rallo:whereRead "a page" ; rallo:differsFrom <statement> .
<statement> a rallo:Statement ; rdfs:label "a sentence"@en ; rallo:locator "P31" ;
    rallo:citationMode "none" ; rallo:kind "dose" ; rallo:hedge "none" ;
    rallo:directness "direct" ; rallo:studyDesign "not stated" ; rallo:saidIn rallo:article ;
    rallo:inPopulation <population> .
<other> a rallo:Statement ; rdfs:label "another sentence"@en ; rallo:locator "P31" ;
    rallo:citationMode "none" ; rallo:kind "caveat" ; rallo:hedge "none" ;
    rallo:directness "direct" ; rallo:studyDesign "not stated" ; rallo:saidIn rallo:article ;
    rallo:hasOutcome <outcome> , <whole> .
<study> a rallo:Study ; rdfs:label "a study"@en ; rallo:locator "P16" ;
    rallo:citationMode "printed" ; rallo:reportedIn <publication> ; rallo:studyDesign "registry" ;
    rallo:studyStatus "reported" ; rallo:patients "children" ; rallo:line "relapse" ;
    rallo:sampleSize 20 ; rallo:nCounts "children treated" .
<trial> a rallo:Study ; rdfs:label "a trial"@en ; rallo:locator "P19" ; rallo:citationMode "none" ;
    rallo:studyDesign "randomised" ; rallo:studyStatus "planned" ; rallo:patients "children" ;
    rallo:line "relapse" .
"""

# A property of the individual or, after a name, of another; and what it says in Turtle instead.
Change = Mapping[str, str]
NAMED = """agent algorithm arm component later-evidence lesion population publication regimen
source-statement statement study"""
PLACED = "algorithm arm lesion outcome regimen statement study"
CITING = "agent lesion outcome regimen statement"
DISPUTED = {
    "statement rallo:kind": '"recommendation"',
    "statement rallo:modality": '"use"',
    "statement skos:editorialNote": '"SAFETY DISPUTE: never to be given."',
    "source-statement rallo:safetyConcern": "true",
}
# The shape, how its message begins, and a change of sound facts that breaks this rule alone.
BREAKS: list[tuple[str, str, Change]] = [
    *((shape, f"{start} needs exactly one name", {"rdfs:label": label})
      for shape, start in zip(NAMED.split(), (
          "A drug", "An algorithm", "An arm", "A component", "Later evidence", "A lesion or marker",
          "A population", "A publication", "A regimen", "A source statement", "A statement",
          "A study"), strict=True)
      for label in ("", '"one"@en , "two"@en')),
    *((shape, "An? .* must say where in the article", {"rallo:locator": place})
      for shape in PLACED.split() for place in ("", '"P44"', '"P12 S5"', '"p. 7"')),
    *((shape, "Say whether its references",
       {"rallo:citationMode": '"printed" , "inherited"', "rallo:cites": "<publication>"})
      for shape in CITING.split()),
    *((shape, "References are named, but", {"rallo:citationMode": mode, "rallo:cites": cited})
      for shape in CITING.split()
      for mode, cited in (('"none"', "<publication>"), ('"printed"', ""), ('"inherited"', ""))),
    ("agent", "Say whether it is a single drug", {"rallo:agentKind": ""}),
    ("agent", "Say whether the article counts", {"rallo:novel": ""}),
    ("agent", "A drug carries no dose", {"rallo:doseRole": '"studied"'}),
    ("agent", "A novel single drug needs its class", {"rallo:drugClass": ""}),
    ("algorithm", "Figures survive as captions", {"rallo:contentInText": "true"}),
    ("algorithm", "Name what goes into", {"rallo:takesInput": ""}),
    ("arm", "An arm belongs to exactly one study", {"rallo:study": ""}),
    ("arm", "An arm belongs to exactly one study", {"rallo:study": "<regimen>"}),
    ("arm", "Say whether the arm was allotted", {"rallo:armKind": ""}),
    ("arm", "An arm gives a treatment that has a name", {"rallo:gives": '"a drug"'}),
    ("component", "A component belongs to exactly", {"rallo:componentOf": ""}),
    ("component", "A component belongs to exactly", {"rallo:componentOf": "<study>"}),
    ("component", "A component is at most one", {"rallo:gives": "<agent> , <other>"}),
    ("component", "A place in the printed order", {"rallo:position": "0"}),
    ("later-evidence", "Say what the finding makes", {"rallo:adviceStatus": ""}),
    ("later-evidence", "Give its results", {"rallo:figures": ""}),
    ("later-evidence", "Say who was studied", {"rallo:patients": ""}),
    ("later-evidence", "Say where it was read", {"rallo:whereRead": ""}),
    ("later-evidence", "A date is a year", {"rallo:published": '"May 2021"'}),
    ("later-evidence", "Later evidence is not in", {"rallo:locator": '"P1"'}),
    ("lesion", "Say what kind of marker", {"rallo:lesionKind": ""}),
    ("lesion", "Say in which direction", {"rallo:prognosticDirection": ""}),
    ("lesion", "Say whether a classification", {"rallo:usedInClassification": ""}),
    ("outcome", "An outcome has exactly one endpoint", {"rallo:metric": '"EFS" , "OS"'}),
    ("outcome", "Say whose outcome", {"rallo:inPopulation": ""}),
    ("outcome", "Say when it was taken", {"rallo:timePoint": ""}),
    ("outcome", "A result belongs to at most", {"rallo:study": "<regimen>", "rallo:arm": ""}),
    ("outcome", "A result comes from at most one arm", {"rallo:arm": "<study>"}),
    ("outcome", "An outcome has at most one number", {"rallo:value": "1.0 , 2.0"}),
    ("outcome", "The patients counted are a part", {"rallo:partOf": "<study>"}),
    *(("outcome", "A number needs an operator",
       {f"rallo:{half}": "", "rallo:direction": '"better"'})
      for half in ("operator", "value", "valueUnit")),
    ("outcome", "Without a number say",
     {"rallo:operator": "", "rallo:value": "", "rallo:valueUnit": ""}),
    ("outcome", "A percentage lies between", {"rallo:value": "101.0"}),
    ("outcome", "A percentage lies between", {"rallo:valueHigh": "101.0"}),
    ("outcome", "A count cannot exceed", {"rallo:valueUnit": '"1"', "rallo:sampleSize": "49"}),
    ("outcome", "The denominator of a part",
     {"rallo:partOf": "<whole>", "rallo:sampleSize": "15"}),
    *(("outcome", "Arm and result must belong", {"rallo:study": "<trial>", "rallo:arm": "",
                                               f"rallo:{end}": "<arm>"})
      for end in ("arm", "comparator")),
    ("population", "A population needs one disease", {"rallo:disease": ""}),
    ("population", "A population needs one age", {"rallo:ageGroup": ""}),
    ("population", "A population needs one line of", {"rallo:line": ""}),
    ("population", "A population needs one lineage", {"rallo:lineage": ""}),
    ("population", "A population needs one site", {"rallo:site": '"CNS" , "marrow"'}),
    ("publication", "A publication needs its printed title", {"dcterms:title": ""}),
    ("publication", "A publication needs its printed authors", {"dcterms:creator": ""}),
    ("publication", "A publication needs one year", {"dcterms:date": "2013"}),
    ("publication", "The article's list runs", {"rallo:number": "97"}),
    ("publication", "Say what kind of publication", {"rallo:publicationType": ""}),
    ("publication", "A DOI begins", {"rallo:doi": '"https://doi.org/10.1182/x"'}),
    ("publication", "A PubMed number", {"rallo:pmid": '"PMID 123"'}),
    ("quantity", "A quantity stands in exactly", {"rallo:inStatement": ""}),
    ("quantity", "Say what kind of quantity", {"rallo:quantityKind": '"dose" , "count"'}),
    ("quantity", "Say what is measured", {"rallo:measures": ""}),
    ("quantity", "A number needs to be read", {"rallo:operator": ""}),
    ("quantity", "A quantity has exactly one number", {"rallo:value": ""}),
    ("quantity", "A number without a unit", {"rallo:valueUnit": ""}),
    ("quantity", "A range has one upper end", {"rallo:valueHigh": "30.0 , 40.0"}),
    *(("quantity", "A dose must say of what", {f"rallo:{word}": value})
      for word, value in (("gives", ""), ("doseRole", ""), ("quantityKind", '"count"'))),
    ("quantity", "A dose under a safety dispute", {"rallo:doseRole": '"practice"', **DISPUTED}),
    ("quantity", "A dose to give stands", {"rallo:doseRole": '"practice"'}),
    ("regimen", "Say what the regimen is for", {"rallo:purpose": ""}),
    ("source-statement", "Name the one cited work", {"rallo:saidIn": "<study>"}),
    ("source-statement", "Say in what it differs", {"rallo:difference": ""}),
    ("source-statement", "Say whether following", {"rallo:safetyConcern": ""}),
    ("source-statement", "Say where it was read", {"rallo:whereRead": ""}),
    ("statement", "A statement is of exactly one kind", {"rallo:kind": ""}),
    ("statement", "Say how the article vouches", {"rallo:hedge": ""}),
    ("statement", "Say whether it was found", {"rallo:directness": ""}),
    ("statement", "Say on which design", {"rallo:studyDesign": ""}),
    ("statement", "What is told here is said", {"rallo:saidIn": "<publication>"}),
    ("statement", "A statement is about at most", {"rallo:inPopulation": "<study>"}),
    ("statement", "The result of a statement", {"rallo:hasOutcome": "<study>"}),
    *(("statement", "A recommendation needs the verb", change)
      for change in ({"rallo:modality": '"use"'}, {"rallo:kind": '"recommendation"'})),
    *(("statement", "A hedged sentence is no", {"rallo:kind": '"recommendation"',
                                               "rallo:modality": '"can"', "rallo:hedge": hedge})
      for hedge in ('"may"', '"perhaps"')),
    ("statement", "Two statements that contradict", {"rallo:contradicts": "<other>"}),
    ("statement", "A disputed statement must warn",
     {"source-statement rallo:safetyConcern": "true"}),
    ("statement", "A disputed statement must warn",
     {"source-statement rallo:safetyConcern": "true", "skos:editorialNote": '"A dispute."'}),
    ("study", "Say whether its references", {"rallo:citationMode": '"printed" , "inherited"'}),
    ("study", "Reports are named, but", {"rallo:citationMode": '"none"'}),
    ("study", "Reports are named, but", {"rallo:reportedIn": ""}),
    ("study", "A study needs a design", {"rallo:studyDesign": ""}),
    ("study", "Say whether the study was", {"rallo:studyStatus": ""}),
    ("study", "Say who was studied", {"rallo:patients": ""}),
    ("study", "Say where in the course", {"rallo:line": ""}),
    ("study", "A study is reported in", {"rallo:reportedIn": "<regimen>"}),
    ("study", "A study has at most one number", {"rallo:sampleSize": "0"}),
    ("study", "A number of patients needs", {"rallo:nCounts": ""}),
]  # fmt: skip


@pytest.fixture(scope="module")
def shapes() -> Graph:
    """Open the shapes once."""
    return open_shapes()


def sound() -> Graph:
    """Read the sound facts."""
    return Graph().parse(data=PREFIXES + SOUND, format="turtle")


def broken(shape: str, change: Change) -> Graph:
    """Read the sound facts, change some, and keep the changed ones and what they rest on."""
    graph, kept = sound(), {URIRef(BASE + shape)}
    for name, value in change.items():
        node, _, word = name.rpartition(" ")
        line = f"<{node or shape}> {word} {value or '<nothing>'} ."
        said = Graph().parse(data=PREFIXES + line, format="turtle")
        kept.add(URIRef(BASE + (node or shape)))
        graph.remove((URIRef(BASE + (node or shape)), next(said.predicates()), None))
        graph += said if value else ()
    found = Graph()
    for fact in {fact for one in kept for fact in graph.transitive_objects(one, None)}:
        found += graph.triples((fact, None, None))
    return found


def messages(shapes: Graph) -> dict[str, set[str]]:
    """Gather the messages of each shape, by its name."""
    found = {}
    for shape in shapes.subjects(SH.targetClass):
        rules = [r for p in (SH.property, SH.node, SH.sparql) for r in shapes.objects(shape, p)]
        name = local(shape).removeprefix("shape/")
        found[name] = {str(message) for r in rules for message in shapes.objects(r, SH.message)}
    return found


def test_the_committed_facts_violate_no_shape(shapes: Graph) -> None:
    """The committed facts give the shapes nothing to complain of."""
    assert not validate(load_facts(HOME / "facts"), shapes)


def test_every_class_of_fact_has_a_shape(shapes: Graph) -> None:
    """Each class that facts belong to is the target of one shape, and no shape lacks facts."""
    targets = list(shapes.objects(None, SH.targetClass))

    assert len(targets) == len(set(targets)) == len(TABLES)
    assert set(targets) == set(load_facts(HOME / "facts").objects(None, RDF.type))


def test_sound_facts_violate_no_shape(shapes: Graph) -> None:
    """The small facts that are broken below are sound before, and each shape sees one of them."""
    assert validate(sound(), shapes) == []
    for name in messages(shapes):
        shape = URIRef(f"{BASE}shape/{name}")
        (target,) = shapes.objects(shape, SH.targetClass)
        assert (URIRef(BASE + name), RDF.type, target) in sound()


def test_every_message_has_an_example(shapes: Graph) -> None:
    """Each message of each shape is that of one broken example, and each example has a message."""
    told = {(name, message) for name, found in messages(shapes).items() for message in found}
    shown = {(name, start): [m for s, m in told if s == name and re.match(start, m)]
             for name, start, _ in BREAKS}  # fmt: skip

    assert all(len(found) == 1 for found in shown.values())
    assert sorted(told - {(name, found[0]) for (name, _), found in shown.items()}) == []
    assert len(list(shapes.objects(None, SH.message))) == len(told), "a message stands elsewhere"


@pytest.mark.parametrize(("shape", "start", "change"), BREAKS)
def test_each_shape_finds_what_is_wrong(
    shape: str, start: str, change: Change, shapes: Graph
) -> None:
    """Facts that break one rule give one violation, of the broken fact, in the rule's words."""
    (message,) = (m for m in messages(shapes)[shape] if re.match(start, m))
    found = validate(broken(shape, change), shapes)

    assert [(violation.node, violation.message) for violation in found] == [(shape, message)]


def test_messages_can_be_read_by_clinicians(shapes: Graph) -> None:
    """Each message is an English sentence, without addresses and without names of the machinery."""
    for message in shapes.objects(None, SH.message):
        assert getattr(message, "language", None) == "en", message
        assert re.fullmatch(r"[A-Z][^<>{}_]+\w\.", str(message)), message
        assert not re.search(r"\w:\w|://|\b[a-z]+[A-Z]|(?i:\bshacl|\bIRI|\bnode)", str(message))


def test_a_violation_reads_as_one_line() -> None:
    """A violation is printed with the fact, the property if there is one, and the message."""
    assert str(Violation("study/x", "line", "Say it.")) == "study/x, line: Say it."
    assert str(Violation("study/x", "", "Say it.")) == "study/x: Say it."
