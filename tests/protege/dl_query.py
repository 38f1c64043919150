"""Asks DL queries as Protégé's DL Query tab does: names typed short, answers from HermiT.

    python tests/protege/dl_query.py FOLDER_OF_JARS FILE < QUERIES

A process of its own: a Java machine holds one version of HermiT. QUERIES is a JSON list of pairs,
an expression in Manchester syntax and the box that is ticked; the result is a list of lists of
short names, or of one error text where an expression is not understood.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jpype
from owl_api import OWL_API, load, start

# The boxes of the tab, and the question that each puts to the reasoner.
BOXES: dict[str, Callable[[Any, Any], Iterator[Any]]] = {
    "Direct superclasses": lambda asked, of: asked.getSuperClasses(of, True).getFlattened(),
    "Superclasses": lambda asked, of: asked.getSuperClasses(of, False).getFlattened(),
    "Equivalent classes": lambda asked, of: asked.getEquivalentClasses(of).getEntities(),
    "Direct subclasses": lambda asked, of: asked.getSubClasses(of, True).getFlattened(),
    "Subclasses": lambda asked, of: asked.getSubClasses(of, False).getFlattened(),
    "Instances": lambda asked, of: asked.getInstances(of, False).getFlattened(),
}


class Tab:
    """The tab over one opened file."""

    def __init__(self, file: Path) -> None:
        """Open a file with all it imports, and start the reasoner."""
        manager, ontology = load(file)
        util = f"{OWL_API}.util"
        self.short = jpype.JClass(f"{util}.SimpleShortFormProvider")()
        names = jpype.JClass(f"{util}.BidirectionalShortFormProviderAdapter")(
            manager, ontology.getImportsClosure(), self.short
        )
        checker = jpype.JClass(f"{OWL_API}.expression.ShortFormEntityChecker")(names)
        parser = "org.semanticweb.owlapi.manchestersyntax.parser.ManchesterOWLSyntaxParserImpl"
        configuration = manager.getOntologyConfigurator()
        self.parser = jpype.JClass(parser)(configuration, manager.getOWLDataFactory())
        self.parser.setOWLEntityChecker(checker)
        self.reasoner = jpype.JClass("org.semanticweb.HermiT.ReasonerFactory")().createReasoner(
            ontology
        )

    def ask(self, expression: str, box: str) -> list[str]:
        """Return the short names that one box lists."""
        try:
            understood = self.parser.parseClassExpression(expression)
        except jpype.JException as error:
            return [f"not understood: {error}"]
        found = BOXES[box](self.reasoner, understood)
        return sorted(str(self.short.getShortForm(one)) for one in found)


def main(jars: str, file: str) -> None:
    """Answer what is asked on standard input."""
    start(Path(jars))
    tab = Tab(Path(file))
    json.dump([tab.ask(*pair) for pair in json.load(sys.stdin)], sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
