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

    # the relapse itself
    Relapse: URIRef

    # how facts are put in, and how classes belong to schemes and readings
    InputToken: URIRef
    Reading: URIRef
    Release: URIRef
    Scheme: URIRef
    acceptsBounds: URIRef
    appliesTo: URIRef
    askedFor: URIRef
    asserts: URIRef
    assumes: URIRef
    citedAs: URIRef
    closed: URIRef
    column: URIRef
    decimals: URIRef
    detectionLimitColumn: URIRef
    effectWhenOff: URIRef
    endsOn: URIRef
    expectedRows: URIRef
    fallsBackTo: URIRef
    inScheme: URIRef
    locator: URIRef
    maximum: URIRef
    minimum: URIRef
    notMoreThan: URIRef
    onByDefault: URIRef
    onlyIfNot: URIRef
    openBecause: URIRef
    otherwise: URIRef
    outOfScopeInput: URIRef
    rank: URIRef
    readingOf: URIRef
    replaces: URIRef
    rests: URIRef
    startsOn: URIRef
    unit: URIRef

    # advice and decisions
    AdvancedRelapse: URIRef
    Advice: URIRef
    Decision: URIRef
    RefractoryRelapse: URIRef
    RelapseWithSite: URIRef
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

    # the partition certificate
    Hole: URIRef
    OpenPassage: URIRef
    Overlap: URIRef
    PartitionCertificate: URIRef
    besideCategory: URIRef
    categories: URIRef
    causedBy: URIRef
    cells: URIRef
    cellsChecksum: URIRef
    cellsImpossible: URIRef
    cellsInHoles: URIRef
    cellsInOneCategory: URIRef
    cellsInOverlaps: URIRef
    cellsOutOfScope: URIRef
    closedBy: URIRef
    criteria: URIRef
    foundIn: URIRef
    inCategory: URIRef
    leaves: URIRef
    ofScheme: URIRef
    underReadings: URIRef
    withoutEffect: URIRef

    # words that schemes share, and where schemes differ
    Comparison: URIRef
    Discordance: URIRef
    SharedWord: URIRef
    answerTurns: URIRef
    comparesCategory: URIRef
    fills: URIRef
    finerThan: URIRef
    firstCategory: URIRef
    firstClause: URIRef
    firstScheme: URIRef
    inWord: URIRef
    notCompared: URIRef
    onAnswer: URIRef
    region: URIRef
    relation: URIRef
    secondCategory: URIRef
    secondClause: URIRef
    secondScheme: URIRef
    subject: URIRef

    # treatments
    Action: URIRef
    Agent: URIRef
    Component: URIRef
    Procedure: URIRef
    Regimen: URIRef
    Strategy: URIRef
    agentKind: URIRef
    componentOf: URIRef
    drugClass: URIRef
    novel: URIRef
    position: URIRef
    purpose: URIRef
    route: URIRef
    schedule: URIRef
    setting: URIRef
    target: URIRef

    # publications
    Publication: URIRef
    container: URIRef
    doi: URIRef
    etAl: URIRef
    idSource: URIRef
    issue: URIRef
    nameInBody: URIRef
    number: URIRef
    pages: URIRef
    pmid: URIRef
    publicationType: URIRef
    volume: URIRef

    # studies, arms, populations
    Arm: URIRef
    Population: URIRef
    Study: URIRef
    ageGroup: URIRef
    armKind: URIRef
    cooperativeGroup: URIRef
    disease: URIRef
    gives: URIRef
    identifiers: URIRef
    line: URIRef
    lineage: URIRef
    nCounts: URIRef
    patients: URIRef
    relapseClass: URIRef
    reportedIn: URIRef
    sampleSize: URIRef
    site: URIRef
    study: URIRef
    studyDesign: URIRef
    studyStatus: URIRef

    # statements, figures and their links
    Algorithm: URIRef
    LaterEvidence: URIRef
    Outcome: URIRef
    Quantity: URIRef
    SourceStatement: URIRef
    Statement: URIRef
    about: URIRef
    adviceStatus: URIRef
    arithmeticCheck: URIRef
    arm: URIRef
    citationMode: URIRef
    cites: URIRef
    comparator: URIRef
    contentInText: URIRef
    contradicts: URIRef
    derivedValue: URIRef
    difference: URIRef
    differsFrom: URIRef
    direction: URIRef
    directness: URIRef
    doseRole: URIRef
    figures: URIRef
    hasOutcome: URIRef
    hedge: URIRef
    inPopulation: URIRef
    inStatement: URIRef
    kind: URIRef
    measures: URIRef
    metric: URIRef
    operator: URIRef
    partOf: URIRef
    printed: URIRef
    published: URIRef
    qualifies: URIRef
    quantityKind: URIRef
    safetyConcern: URIRef
    saidIn: URIRef
    significance: URIRef
    supports: URIRef
    takesInput: URIRef
    timePoint: URIRef
    value: URIRef
    valueHigh: URIRef
    valueUnit: URIRef
    whereRead: URIRef

    # explanations
    Explanation: URIRef
    GivenFact: URIRef
    byClause: URIRef
    byOneOf: URIRef
    concludedValue: URIRef
    concludes: URIRef
    explains: URIRef
    givenOf: URIRef
    givenProperty: URIRef
    givenValue: URIRef
    hasGivenFact: URIRef
    sentence: URIRef
    usesReading: URIRef

    # lesions and markers
    Lesion: URIRef
    lesionKind: URIRef
    prognosticDirection: URIRef
    usedInClassification: URIRef

    # links to outside terms
    ListedValue: URIRef
    Terminology: URIRef
    inTerminology: URIRef
    instancesNotMapped: URIRef
    iriBase: URIRef
    licenceClass: URIRef
    listedAs: URIRef
    listedBy: URIRef
    noTermFound: URIRef


def local(term: object) -> str:
    """Return the part of an IRI below the project's base, or the whole text of anything else."""
    text = str(term)
    return text[len(BASE) :] if text.startswith(BASE) else text
