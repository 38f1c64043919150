"""What the endpoint knows of its dataset, asked once when it starts."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from pyoxigraph import (
    QueryResultsFormat,
    QuerySolutions,
    RdfFormat,
    Triple,
    parse,
    parse_query_results,
)

from ontology.files import BASE
from queries.catalogue import load_catalogue
from queries.dataset import VOID
from queries.endpoint.pool import Pool
from queries.endpoint.wire import Job
from queries.engines import Rows, rows_of

GRAPHS = "SELECT ?graph (COUNT(*) AS ?triples) WHERE { GRAPH ?graph { ?s ?p ?o } } GROUP BY ?graph"
DEFAULT = "SELECT (COUNT(*) AS ?triples) WHERE { ?s ?p ?o }"
# Modules have names beside those of the individuals, and are none.
NAMES = f"""SELECT DISTINCT ?s WHERE {{ ?s ?p ?o FILTER (STRSTARTS(STR(?s), '{BASE}'))
  FILTER NOT EXISTS {{ ?s a <http://www.w3.org/2002/07/owl#Ontology> }} }}"""

VOID_QUERY = f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ GRAPH <{VOID}> {{ ?s ?p ?o }} }}"


@dataclass(frozen=True)
class Content:
    """Triples of each named graph and the default graph, individuals by branch, and VoID."""

    graphs: dict[str, int]
    default: int
    individuals: dict[str, list[str]]
    void: list[Triple]


async def read_content(pool: Pool) -> Content:
    """Ask the workers what the dataset holds.

    Raises:
        queries.endpoint.refusals.Refusal: they did not answer.
    """
    graphs = {g.value: int(n.value) for g, n in (await select(pool, GRAPHS)).rows if g and n}
    default = [int(n.value) for (n,) in (await select(pool, DEFAULT)).rows if n]
    branches = {p.branch for q in load_catalogue().values() for p in q.parameters}
    individuals = defaultdict(list)
    for (name,) in (await select(pool, NAMES)).rows:
        branch, _, local = name.value.removeprefix(BASE).rpartition("/") if name else ("", "", "")
        if branch in branches:
            individuals[branch].append(local)
    described = await pool.run(Job(VOID_QUERY, graph="nt"))
    return Content(
        graphs,
        default[0],
        {branch: sorted(names) for branch, names in individuals.items()},
        [quad.triple for quad in parse(described.body, RdfFormat.N_TRIPLES)],
    )


async def select(pool: Pool, text: str) -> Rows:
    """Return the solutions of a SELECT query of our own.

    Raises:
        queries.endpoint.refusals.Refusal: it was not answered.
    """
    reply = await pool.run(Job(text, rows="json"))
    found = parse_query_results(reply.body, QueryResultsFormat.JSON)
    assert isinstance(found, QuerySolutions)
    return rows_of(found)
