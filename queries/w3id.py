"""What w3id.org is given, so that the IRIs of RALLO lead somewhere: rules for Apache, and a README.

A product leads to its file and any other IRI to the whole ontology, in the format that is asked
for; who asks for none of them, such as a browser, is led to pages.
"""

from __future__ import annotations

from collections.abc import Iterator

from ontology.files import BASE

FORMATS = {
    "ttl": r"text/turtle",
    "jsonld": r"application/ld\+json",
    "owl": r"application/rdf\+xml",
}
_PRODUCT = "^release/(?:[0-9.]+/)?(rallo-(?:base|full|inferred))$"
_HEAD = (
    f"# {BASE}",
    "Options +FollowSymLinks -MultiViews",
    "RewriteEngine on",
)
_README = """\
# {base}

Permanent identifiers of RALLO, an ontology of how relapsed childhood acute lymphoblastic leukaemia
is classified and treated, with the evidence behind each statement.

| identifier | leads to |
| --- | --- |
| `{base}` | {site}/, or the ontology as Turtle, JSON-LD or RDF/XML |
| `{base}NAME` | the page of a term, or the ontology that defines it |
| `{base}release/VERSION/rallo-full` | one file; so do `rallo-base` and `rallo-inferred` |

## Maintainers

**To be filled in before this is submitted: name and GitHub account of each maintainer.**
"""


def submission(site: str) -> dict[str, str]:
    """Write the files to submit for a site that holds a release and pages, by their names."""
    site = site.rstrip("/")
    return {
        "w3id.htaccess": "\n".join([*_HEAD, *_rules(site), ""]),
        "w3id.README.md": _README.format(base=BASE, site=site),
    }


def _rules(site: str) -> Iterator[str]:
    for pattern, name in ((_PRODUCT, "$1"), ("^", "rallo-full")):
        for ending, media in FORMATS.items():
            yield f"RewriteCond %{{HTTP_ACCEPT}} {media}"
            yield f"RewriteRule {pattern} {site}/{name}.{ending} [R=303,L]"
        if name == "$1":
            yield f"RewriteRule {pattern} {site}/{name}.owl [R=303,L]"
    yield f"RewriteRule ^(?:release/[0-9.]+)?$ {site}/ [R=303,L]"
    yield f"RewriteRule ^(.+)$ {site}/id/$1 [R=303,L]"
