"""The closed vocabulary that Python may speak.

A name that is missing here cannot be used: a misspelt term is an ``AttributeError`` at import,
not an empty answer at run time.  A test compares this list with the Turtle both ways.
"""

from rdflib.namespace import DefinedNamespace, Namespace
from rdflib.term import URIRef

from ontology.files import BASE


class RALLO(DefinedNamespace):
    """Name each term of the ontology that Python code refers to."""

    _fail = True
    _NS = Namespace(BASE)

    # classes
    Advice: URIRef
    Decision: URIRef
    InputToken: URIRef
    Reading: URIRef
    Relapse: URIRef
    Scheme: URIRef

    # how a fact is put in
    acceptsBounds: URIRef
    asserts: URIRef
    column: URIRef
    decimals: URIRef
    detectionLimitColumn: URIRef
    endsOn: URIRef
    maximum: URIRef
    minimum: URIRef
    notMoreThan: URIRef
    openBecause: URIRef
    otherwise: URIRef
    outOfScopeInput: URIRef
    rank: URIRef
    startsOn: URIRef
    unit: URIRef

    # schemes, clauses, readings
    appliesTo: URIRef
    askedFor: URIRef
    assumes: URIRef
    citedAs: URIRef
    closed: URIRef
    effectWhenOff: URIRef
    fallsBackTo: URIRef
    inScheme: URIRef
    locator: URIRef
    onByDefault: URIRef
    onlyIfNot: URIRef
    readingOf: URIRef
    replaces: URIRef
    rests: URIRef

    # advice
    advises: URIRef
    answerKind: URIRef
    condition: URIRef
    inSituation: URIRef
    modality: URIRef
    onDecision: URIRef
    option: URIRef
    optionJoin: URIRef
    polarity: URIRef
    reason: URIRef
    step: URIRef


def local(term: object) -> str:
    """Return the part of an IRI below the project's base, or the whole text of anything else."""
    text = str(term)
    return text[len(BASE) :] if text.startswith(BASE) else text
