"""The commands for those who change or publish what RALLO knows.

rallo build --check
rallo release dist/0.1.0
rallo site dist/docs
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ontology.files import OntologyError
from queries.commands import refuse


def build(
    check: Annotated[
        bool, typer.Option("--check", help="Only tell whether tables are stale.")
    ] = False,
) -> None:
    """Compile the ontology into tables with HermiT; needs Java."""
    from reasoner.build import is_stale

    if check:
        from ontology.editor import stale_editor_files
        from queries.dataset import dataset_is_stale
        from queries.handbook import handbook_is_stale

        found = {
            "decisions": is_stale(),
            "handbook": handbook_is_stale(),
            "dataset": dataset_is_stale(),
            "files for editors": bool(stale_editor_files()),
        }
        if stale := [name for name, old in found.items() if old]:
            refuse(f"stale: {', '.join(stale)}; run: rallo build")
        typer.echo("tables are current")
        return
    try:
        from loaders.facts import FactError
        from loaders.graph import open_graph
        from ontology.editor import editor_files
        from queries.dataset import build_dataset
        from queries.handbook import build_handbook
        from reasoner.build import build as build_tables
        from reasoner.drafts import write_text
        from reasoner.hermit import JavaNotFoundError, ReasoningError
    except ImportError as error:
        refuse(f'{error.name} is not installed; run: pip install -e ".[build]"')
    try:
        for path, text in editor_files().items():
            write_text(text, path)
        typer.echo(f"wrote {build_tables().name}")
        typer.echo(f"wrote {build_handbook(open_graph()).name}")
        typer.echo(f"wrote {build_dataset().name}")
    except (OntologyError, FactError, JavaNotFoundError, ReasoningError) as error:
        refuse(str(error))


def release(
    target: Annotated[Path, typer.Argument(help="A new folder for the files.")],
    previous: Annotated[
        Path | None,
        typer.Option(help="The release before: no term of it may be gone, unless deprecated."),
    ] = None,
    site: Annotated[
        str | None, typer.Option(metavar="URL", help="Where the files will lie, for w3id.org.")
    ] = None,
) -> None:
    """Write the ontology, the dataset and their checksums for publication; needs no Java.

    Example: rallo release dist/0.1.0
    """
    try:
        from queries.release import ReleaseError, write_release
    except ImportError as error:
        refuse(f'{error.name} is not installed; run: pip install -e ".[build]"')
    build(check=True)
    try:
        files = write_release(target, previous, site)
    except (ReleaseError, OSError) as error:
        refuse(str(error))
    for file in files:
        typer.echo(f"{file.stat().st_size:>10}  {file.name}")


def check() -> None:
    """Check that modules parse, facts are valid, and tables are current."""
    from loaders.facts import FactError
    from loaders.graph import open_graph

    try:
        graph = open_graph()
    except (FactError, OntologyError) as error:
        refuse(str(error))
    typer.echo(f"{len(graph)} triples, all facts valid")
    build(check=True)


def site(
    target: Annotated[Path, typer.Argument(help="A new folder for the pages.")],
) -> None:
    """Write the documentation as pages that open without server and network; needs no Java.

    Example: rallo site dist/docs
    """
    try:
        from queries.site.building import build_site
        from queries.site.pages import SiteError
    except ImportError as error:
        refuse(f'{error.name} is not installed; run: pip install -e ".[docs]"')
    build(check=True)
    try:
        pages = build_site(target)
    except (SiteError, OSError) as error:
        refuse(str(error))
    typer.echo(f"{len(pages)} pages; open {target / 'index.html'}")
