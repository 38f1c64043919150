"""Why not, what would make it so, what it hangs on, and what would settle it: for `rallo explain`.

Plain data are assembled once, and shown as JSON or as text.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from queries.commands import check_format, print_answers, refuse
from queries.knowledge import Knowledge
from queries.text import shown
from queries.whatif_text import Line, whatif_text
from reasoner.answers import problem_texts
from reasoner.counterfactuals import why_not as find_why_not
from reasoner.flips import flips as find_flips
from reasoner.sensitivity import sensitivity as find_sensitivity
from reasoner.settling import settle as find_settling
from reasoner.settling import stable as find_stable
from reasoner.targets import CategoryError


def whatif(
    knowledge: Knowledge,
    values: Mapping[str, str],
    row: int = 1,
    *,
    why_not: Iterable[str] = (),
    make: Iterable[str] = (),
    sensitivity: bool = False,
    settle: bool = False,
) -> dict[str, Any]:
    """Answer what is asked about one relapse, as plain data.

    ``values`` maps input columns to text; ``why_not`` and ``make`` are names of categories.

    Raises:
        reasoner.targets.CategoryError: a category is not known.
    """
    answerer = knowledge.answerer
    record = answerer.read(values, row)
    found: dict[str, Any] = {"relapse": record.given}
    if why_not := list(why_not):
        found["why_not"] = [e for c in why_not for e in find_why_not(answerer, record, c)]
    if make := list(make):
        found["make"] = [e for c in make for e in find_flips(answerer, record, c)]
    if sensitivity:
        found["sensitivity"] = find_sensitivity(answerer, record)
    if settle:
        found["settle"] = find_settling(answerer, record)
        found["stable"] = find_stable(answerer, record)
    found["problems"] = problem_texts(record)
    found["release"] = knowledge.table.release
    found["disclaimer"] = knowledge.table.data["disclaimer"]
    return found


def print_whatif(
    knowledge: Knowledge,
    rows: Iterable[Mapping[str, str]],
    *,
    why_not: list[str],
    make: list[str],
    sensitivity: bool,
    settle: bool,
    format: str,
) -> None:
    """Print what is asked about some relapses, as ``text`` or ``json``.

    An unknown category or format ends the command with status 2 and what is allowed.
    """
    check_format(format, ("text", "json"))
    try:
        answers = [
            whatif(
                knowledge,
                values,
                number,
                why_not=why_not,
                make=make,
                sensitivity=sensitivity,
                settle=settle,
            )
            for number, values in enumerate(rows, 1)
        ]
    except CategoryError as error:
        refuse(str(error))
    if format == "json":
        print_answers(answers)
        return
    console = Console(highlight=False, soft_wrap=False)
    for answer in answers:
        _print(console, whatif_text(answer, _said(knowledge)))


def _print(console: Console, lines: Iterable[Line]) -> None:
    for line in lines:
        console.print(Padding(Text(shown(line.text), style=line.style), (0, 0, 0, line.indent)))


def _said(knowledge: Knowledge) -> dict[str, str]:
    """Return the words of every piece of advice, and of every fact that a reading may assume."""
    words = {a["name"]: a["label"] for a in knowledge.table.advice}
    return words | {n: d["label"] for n, d in knowledge.table.dimensions.items()}
