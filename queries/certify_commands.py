"""The command that proves where each scheme is whole, and lists where it is not.

rallo certify
rallo certify --check
rallo certify --pictures docs/certificate
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ontology.files import HOME
from queries.commands import check_format, print_json, refuse

DIFFERS = 1


def certify(
    check: Annotated[
        bool, typer.Option("--check", help="Only tell whether the shipped tables are right.")
    ] = False,
    scheme: Annotated[
        str | None, typer.Option(metavar="SCHEME", help="Show one scheme under all readings.")
    ] = None,
    format: Annotated[str, typer.Option(help="text or json.")] = "text",
    pictures: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Draw each scheme as an SVG there.")
    ] = None,
    output: Annotated[
        Path, typer.Option("-o", "--output", metavar="FOLDER", help="Where the two tables stand.")
    ] = HOME / "certificate",
) -> None:
    """Count every case of every scheme: in one category, in none, or in several, and why.

    Writes the two tables of the certificate anew, or with --check says how they differ (status 1).

    Example: rallo certify --scheme bfm-table-1-groups
    """
    from queries.certifying import differences, plain, write
    from reasoner.certificate import certificate
    from reasoner.table import StaleTableError, load

    check_format(format, ("text", "json"))
    try:
        table = load()
    except StaleTableError as error:
        refuse(str(error))
    names = [s["name"] for s in table.schemes]
    if scheme is not None and scheme not in names:
        refuse(f"--scheme {scheme!r}: allowed: {', '.join(names)}")
    for folder in (output, pictures):
        if folder is not None and folder.exists() and not folder.is_dir():
            refuse(f"{folder.name}: is a file; name a folder")
    made = certificate(table)
    if check:
        if found := differences(made, output):
            for line in found:
                typer.echo(f"rallo: {line}", err=True)
            typer.echo("rallo: not what the tables give; run: rallo certify", err=True)
            raise typer.Exit(DIFFERS)
        typer.echo(f"the certificate is what the tables give ({made.checksum})")
        return
    if format == "json":
        print_json(plain(made, table))
    else:
        from queries.certified_text import print_certificate

        print_certificate(made, table, scheme)
    for path in write(made, output):
        typer.echo(f"wrote {path.name}", err=True)
    if pictures is not None:
        from queries.pictures import draw_all
        from reasoner.drafts import write_text

        for name, drawn in draw_all(table).items():
            typer.echo(f"wrote {write_text(drawn, pictures / f'{name}.svg').name}", err=True)
