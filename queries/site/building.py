"""Builds the documentation: every page, and what it needs beside it, in one new folder.

pages/*.md           guides and other prose, their code run      prose
schemes and terms    read off the ontology                       schemes, glossary
questions            asked of the dataset                        questions
coverage             what the article says and leaves open       coverage
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from queries.site import (
    advice,
    coverage,
    glossary,
    prose,
    questions,
    readings,
    references,
    schemes,
    studies,
)
from queries.site.pages import HOME, Page, Press, SiteError
from queries.web.holdings import Holdings
from reasoner.drafts import whole_folder

Chapter = Callable[[Holdings], Iterable[Page]]
WEB = HOME.parent / "web" / "static"
STATIC = (HOME / "static", WEB / "style.css", WEB / "icon.svg")


def chapters() -> Iterator[Chapter]:
    """Yield what makes pages, in the order in which their terms count."""
    yield prose.chapter
    yield from (schemes.chapter, readings.chapter, advice.chapter, glossary.chapter)
    yield from (questions.chapter, coverage.chapter, references.chapter, studies.chapter)


def build_site(target: Path) -> list[Path]:
    """Write the documentation into a new folder, or nothing; return the paths of its pages.

    Raises:
        SiteError: the folder exists, or a page's code does not run.
        queries.dataset.StaleDatasetError: the compiled dataset is missing.
        reasoner.table.StaleTableError: the compiled tables belong to other modules.
    """
    if target.exists():
        raise SiteError(f"{target} exists; name a new folder")
    held = Holdings()
    press = Press(page for chapter in chapters() for page in chapter(held))
    with whole_folder(target) as draft:
        for page in press.pages:
            path = draft / page.path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(press.render(page), encoding="utf-8", newline="\n")
        _copy(STATIC, draft / "static")
        _copy(sorted(prose.PICTURES.glob("*.png")), draft / "pictures")
    return [target / page.path for page in press.pages]


def _copy(sources: Iterable[Path], folder: Path) -> None:
    folder.mkdir()
    for source in sources:
        for file in sorted(source.iterdir()) if source.is_dir() else (source,):
            shutil.copyfile(file, folder / file.name)
