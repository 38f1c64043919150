"""Papers as PubMed hands them out: XML (PubmedArticleSet) or tagged text (.nbib, MEDLINE)."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from pathlib import Path
from xml.etree.ElementTree import Element

from loaders.registries import Paper, RegistryError

ALLOWED = "PubMed XML (PubmedArticleSet) or tagged text that begins with PMID-"


def read_pubmed(path: Path) -> list[Paper]:
    """Read all papers of a file.

    Raises:
        OSError: the file cannot be read.
        RegistryError: it is not in one of the two formats, or a record has no PMID.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise RegistryError(f"{path.name}: not UTF-8; allowed: {ALLOWED}") from error
    if text.lstrip().startswith("<"):
        return list(_read_xml(text, path.name))
    if re.match(r"\s*PMID ?- ", text):
        return list(_read_tagged(text, path.name))
    raise RegistryError(f"{path.name}: allowed: {ALLOWED}")


def _read_xml(text: str, name: str) -> Iterator[Paper]:
    try:
        root = ElementTree.fromstring(text)
    except ElementTree.ParseError as error:
        raise RegistryError(f"{name}: not well-formed XML: {error}") from error
    if root.tag != "PubmedArticleSet":
        raise RegistryError(f"{name}: root {root.tag!r}; allowed: {ALLOWED}")
    for number, entry in enumerate(root.iter("PubmedArticle"), 1):
        yield _paper(entry, f"{name}, record {number}")


def _paper(entry: Element, place: str) -> Paper:
    pmid = _text(entry, "MedlineCitation/PMID")
    if not pmid:
        raise RegistryError(f"{place}: has no PMID")
    article = "MedlineCitation/Article/"
    issue = article + "Journal/JournalIssue/"
    ids = {
        e.get("IdType"): (e.text or "") for e in entry.findall("PubmedData/ArticleIdList/ArticleId")
    }
    located = entry.findall(article + "ELocationID[@EIdType='doi']")
    return Paper(
        place,
        pmid,
        ids.get("doi") or next((e.text or "" for e in located), ""),
        _text(entry, article + "ArticleTitle"),
        _text(entry, "MedlineCitation/MedlineJournalInfo/MedlineTA"),
        _year(_text(entry, issue + "PubDate/Year") or _text(entry, issue + "PubDate/MedlineDate")),
        _text(entry, issue + "Volume"),
        _text(entry, issue + "Issue"),
        _text(entry, article + "Pagination/MedlinePgn"),
    )


def _text(entry: Element, path: str) -> str:
    """Return all text beneath an element, with that of its mark-up."""
    found = entry.find(path)
    return "" if found is None else " ".join("".join(found.itertext()).split())


def _year(text: str) -> str:
    found = re.search(r"\d{4}", text)
    return found[0] if found else ""


def _read_tagged(text: str, name: str) -> Iterator[Paper]:
    for number, block in enumerate(re.split(r"\n\s*\n", text.strip()), 1):
        place, fields = f"{name}, record {number}", dict[str, list[str]]()
        values: list[str] = []
        for line in block.splitlines():
            if tag := re.match(r"([A-Z]{2,4}) *- ?(.*)", line):
                values = fields.setdefault(tag[1], [])
                values.append(tag[2].strip())
            elif line.startswith(" ") and values:
                values[-1] += " " + line.strip()
            else:
                raise RegistryError(f"{place}: {line[:40]!r}; allowed: a tag, or its text indented")
        if "PMID" not in fields:
            raise RegistryError(f"{place}: has no PMID")
        yield _tagged_paper(fields, place)


def _tagged_paper(fields: dict[str, list[str]], place: str) -> Paper:
    def first(tag: str) -> str:
        return fields.get(tag, [""])[0]

    ids = [*fields.get("LID", ()), *fields.get("AID", ())]
    return Paper(
        place,
        first("PMID"),
        next((i.removesuffix(" [doi]") for i in ids if i.endswith(" [doi]")), ""),
        first("TI"),
        first("TA"),
        _year(first("DP")),
        first("VI"),
        first("IP"),
        first("PG"),
    )
