"""How fast rdflib and the embedded engine answer, as ratios, on made-up relapses.

    python tests/benchmarks/engines.py [TRIPLES ...]

Each number of triples (default 20,000; 5,000,000 takes rdflib some minutes and 7 GB) is written as
N-Triples, loaded into both engines and asked six queries; a row tells how many times longer rdflib
takes. The embedded engine is asked as `rallo query` does it, over a store in memory. Of several
runs the shortest counts. Answers are compared; speed is not asserted, and pytest does not collect
this file.
"""

from __future__ import annotations

import argparse
import random
import resource
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from time import perf_counter
from typing import TypeVar

from pyoxigraph import RdfFormat, Store
from rdflib import Graph

from queries.engines import Embedded, Engine, Rdflib

Result = TypeVar("Result")
A = "https://example.org/"
TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
BELOW = "http://www.w3.org/2000/01/rdf-schema#subClassOf"
NUMBER = "http://www.w3.org/2001/XMLSchema#integer"
CLASSES, SITES, PER_EPISODE = 40, ("marrow", "cns", "testis", "combined"), 6
QUERIES = {
    "class tree": f"SELECT (COUNT(?e) AS ?n) {{ ?e a ?c . ?c <{BELOW}>* <{A}class/0> }}",
    "a join": f"SELECT ?e ?m {{ ?e a <{A}class/7> ; <{A}months> ?m ; <{A}site> 'cns' }}",
    "average": f"SELECT ?s (AVG(?m) AS ?a) {{ ?e <{A}site> ?s ; <{A}months> ?m }} GROUP BY ?s",
    "absence": f"SELECT (COUNT(?e) AS ?n) {{ ?e <{A}site> ?s "
    f"FILTER NOT EXISTS {{ ?e <{A}before> ?x }} }}",
    "a chain": f"SELECT ?x {{ <{A}episode/40> <{A}before>+ ?x }}",
    "one subject": f"SELECT ?p ?o {{ <{A}episode/40> ?p ?o }}",
}


def triples(number: int) -> Iterator[str]:
    """Make relapses in a tree of classes, each in most cases preceded by another."""
    chance = random.Random(1)
    for c in range(1, CLASSES):
        yield f"<{A}class/{c}> <{BELOW}> <{A}class/{(c - 1) // 3}> ."
    for e in range((number - CLASSES + 1) // PER_EPISODE):
        episode = f"<{A}episode/{e}>"
        yield f"{episode} <{TYPE}> <{A}class/{chance.randrange(CLASSES)}> ."
        yield f'{episode} <{A}months> "{chance.randrange(120)}"^^<{NUMBER}> .'
        yield f'{episode} <{A}site> "{chance.choice(SITES)}" .'
        yield f'{episode} <{A}patient> "patient {e // 2}" .'
        yield f"{episode} <{A}protocol> <{A}protocol/{chance.randrange(50)}> ."
        if e % 50:
            yield f"{episode} <{A}before> <{A}episode/{e - 1}> ."


def timed(work: Callable[[], Result]) -> tuple[float, Result]:
    """Return how long a piece of work takes, and what it gives."""
    start = perf_counter()
    found = work()
    return perf_counter() - start, found


def shortest(engine: Engine, text: str, runs: int) -> tuple[float, Counter[object]]:
    """Ask several times; return the shortest time, and the rows."""
    times = []
    for _ in range(runs):
        seconds, found = timed(lambda: engine.select(text))
        times.append(seconds)
    return min(times), Counter(found.rows)


def compare(number: int, folder: Path) -> None:
    """Load and ask both engines, and print a table."""
    file = folder / "relapses.nt"
    with file.open("w", encoding="utf-8") as lines:
        written = sum(lines.write(f"{triple}\n") and 1 for triple in triples(number))
    store, graph = Store(), Graph()
    quick, _ = timed(lambda: store.bulk_load(path=str(file), format=RdfFormat.N_TRIPLES))
    slow, _ = timed(lambda: graph.parse(file, format="nt"))
    print(f"\n{written:,} triples      rdflib ms  embedded ms   ratio")
    print(f"{'loading':20}{slow * 1e3:12.1f}{quick * 1e3:12.1f}{slow / quick:8.0f}")
    runs = 5 if number <= 100_000 else 1
    for name, text in QUERIES.items():
        slow, theirs = shortest(Rdflib(graph), text, runs)
        quick, ours = shortest(Embedded(store), text, runs)
        same = "" if _rounded(theirs) == _rounded(ours) else "   rows differ!"
        print(f"{name:20}{slow * 1e3:12.2f}{quick * 1e3:12.2f}{slow / quick:8.0f}{same}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"peak memory of both together: {peak:,} MB")


def _rounded(rows: Counter[object]) -> Counter[tuple[str, ...]]:
    """Cut decimals to six digits: a mean may be written with more or fewer."""
    cut: Counter[tuple[str, ...]] = Counter()
    for row, times in rows.items():
        assert isinstance(row, tuple)
        values = (getattr(term, "value", "") for term in row)
        cut[tuple(v[: v.find(".") + 7] if "." in v and "/" not in v else v for v in values)] += (
            times
        )
    return cut


def main() -> None:
    """Compare the engines at each size."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("triples", nargs="*", type=int, default=[20_000])
    with tempfile.TemporaryDirectory() as folder:
        for number in parser.parse_args().triples:
            compare(number, Path(folder))


if __name__ == "__main__":
    main()
