"""The commands that ask, serve or hand on the graph.

rallo query study_results --param study=pog-cns-1
rallo sparql "SELECT ?s WHERE { ?s a rallo:Study }"
rallo serve
rallo push --endpoint http://127.0.0.1:7878
"""

from __future__ import annotations

from typing import Annotated

import typer

from queries.commands import refusals, refuse

Endpoint = Annotated[
    str | None, typer.Option(metavar="URL", help="Ask a SPARQL endpoint elsewhere.")
]
Inferred = Annotated[bool, typer.Option("--inferred", help="Add what HermiT and the tables infer.")]


def query(
    name: Annotated[str, typer.Argument(help="A question of the catalogue.")] = "",
    list_: Annotated[bool, typer.Option("--list", help="List the questions.")] = False,
    param: Annotated[
        list[str] | None, typer.Option(metavar="NAME=VALUE", help="Set a parameter.")
    ] = None,
    format: Annotated[str, typer.Option(help="table, csv, tsv, json or xml.")] = "table",
    endpoint: Endpoint = None,
) -> None:
    """Ask the graph one of its questions.

    Example: rallo query study_results --param study=pog-cns-1
    """
    with refusals():
        from queries.asking import print_answer, print_catalogue

        if list_ or not name:
            print_catalogue()
        else:
            print_answer(name, param or [], format, endpoint)


def sparql(
    text: Annotated[str, typer.Argument(metavar="QUERY|FILE", help="SPARQL, or a file of it.")],
    format: Annotated[
        str, typer.Option(help="table, csv, tsv, json or xml; ttl or nt for triples.")
    ] = "table",
    endpoint: Endpoint = None,
    inferred: Inferred = False,
) -> None:
    """Ask the graph a query of your own; the usual prefixes need not be declared.

    Example: rallo sparql "SELECT ?s WHERE { ?s a rallo:Study }"
    """
    with refusals():
        from queries.asking import print_query

        print_query(text, format, endpoint, inferred=inferred)


def serve(
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="The port to listen on.")] = 8000,
    limit: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=VALUE", help="Set a limit, as seconds=10; README lists them."),
    ] = None,
    inferred: Inferred = False,
) -> None:
    """Serve the pages, the questions and a SPARQL endpoint, read-only, until stopped.

    Example: rallo serve --limit seconds=10
    """
    try:
        from queries.endpoint.app import serve as run
    except ImportError as error:
        refuse(f'{error.name} is not installed; run: pip install -e ".[serve]"')
    from queries.endpoint.limits import LimitError, read_limits

    try:
        limits = read_limits(limit or [])
    except LimitError as error:
        refuse(f"--limit {error}")
    with refusals():
        run(host, port, limits, inferred=inferred)


def push(
    endpoint: Annotated[str, typer.Option(metavar="URL", help="The server's SPARQL endpoint.")],
    store_url: Annotated[
        str | None, typer.Option(metavar="URL", help="Its Graph Store, if not beside it.")
    ] = None,
    update_url: Annotated[
        str | None, typer.Option(metavar="URL", help="Its update endpoint, if not beside it.")
    ] = None,
) -> None:
    """Load the whole dataset into a SPARQL 1.1 server, all or nothing.

    Example: rallo push --endpoint http://127.0.0.1:7878/query
    """
    with refusals():
        from queries.push import push as run

        pushed = run(endpoint, store_url=store_url, update_url=update_url)
        typer.echo(f"{pushed.triples} triples in {pushed.graphs} graphs")
