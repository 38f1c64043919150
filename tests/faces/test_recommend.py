"""Prove that `rallo recommend` keeps its contract in JSON, in text and in HTML."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from functools import cache
from html.parser import HTMLParser
from typing import Any

import pytest
from faces import EXAMPLES, OUTPUT, ROOT, Said, rallo

from queries.text import category_words

CATEGORY = {
    "value": str,
    "status": str,
    "possible": list,
    "because": list,
    "settled_by": list,
}
GROUND = {"clause": str, "facts": dict, "locator": str, "citations": list}
ADVICE = {
    "action": str,
    "answer": str,
    "reason": str,
    "polarity": str,
    "modality": str,
    "steps": list,
    "because": list,
    "settled_by": list,
    "readings": list,
    "supported_by": list,
    "contradicted_by": list,
    "locator": str,
}
ANSWER = {
    "relapse": dict,
    "classification": dict,
    "advice": list,
    "conflicts": list,
    "problems": list,
    "release": dict,
    "disclaimer": str,
}
STATUS = {"entailed", "undetermined", "gap", "overlap", "not-applicable"}
REASONS = {"missing-facts", "boundary", "text-silent", "text-conflict", "figure-only"}
CASES = {
    "no fact": [],
    "out of scope": ["--immunophenotype=mature-B", "--marrow-status=involved"],
    "a bad value": ["--immunophenotype=Q", "--marrow-status=involved"],
    "examples": [str(EXAMPLES)],
}
LATER = ROOT / "ontology" / "facts" / "later_evidence.tsv"


@cache
def asked(*arguments: str) -> Said:
    """Ask once for all tests."""
    return rallo("recommend", *arguments)


@cache
def answers(case: str, *more: str) -> list[dict[str, Any]]:
    """Return the answers of a case as JSON gives them."""
    found = asked(*CASES[case], "--format=json", *more).json
    return found if isinstance(found, list) else [found]


def keeps(entry: dict[str, Any], contract: Mapping[str, type]) -> bool:
    """Tell whether all keys of a contract are there with their types; more may be."""
    return all(k in entry and isinstance(entry[k], kind) for k, kind in contract.items())


@pytest.mark.parametrize("case", CASES)
def test_json_has_the_keys_and_types_of_the_contract(case: str) -> None:
    """Every key that DESIGN 5 lists is there, with its type, at every depth."""
    for answer in answers(case):
        assert keeps(answer, ANSWER)
        assert set(answer["classification"]) >= set(OUTPUT[:8])
        for category in answer["classification"].values():
            assert keeps(category, CATEGORY)
            assert category["status"] in STATUS
        assert answer["advice"]
        for item in answer["advice"]:
            assert keeps(item, ADVICE)
            assert item["answer"] in {"yes", "no", "undetermined", "not-applicable"}
            assert item["polarity"] in {"for", "against", "conditional", "deferred"}
            assert (item["reason"] in REASONS) == (item["answer"] == "undetermined")
            assert item["action"] and item["locator"] and item["modality"]
        grounds = [b for e in answer["classification"].values() for b in e["because"]]
        for ground in [*grounds, *(b for i in answer["advice"] for b in i["because"])]:
            assert keeps(ground, GROUND)
            assert all(1 <= number <= 96 for number in ground["citations"])
        assert all(isinstance(p, str) for p in answer["problems"])


@pytest.mark.parametrize("case", CASES)
def test_status_agrees_with_value(case: str) -> None:
    """The word before the colon of a value is its status, and what follows is what is possible."""
    for answer in answers(case):
        for entry in answer["classification"].values():
            word, _, listed = entry["value"].partition(":")
            if entry["status"] == "entailed":
                assert entry["value"] in entry["possible"]
                assert entry["because"] and not entry["settled_by"]
            else:
                assert word == entry["status"]
            if listed:
                assert listed.split("|") == entry["possible"]
            if entry["status"] == "undetermined":
                assert entry["settled_by"] or entry["reason"] in REASONS - {"missing-facts"}


def test_the_facts_of_a_ground_are_among_those_given() -> None:
    """A clause names only facts of the record, with the values given there."""
    for answer in answers("examples"):
        for entry in answer["classification"].values():
            for ground in entry["because"]:
                assert ground["facts"].items() <= answer["relapse"].items()


# By Table 1 (P12, P13), the decision procedure (A5, B7, D-7) and the paragraphs that it names.
SHOWN = {
    "late-marrow": [
        "groups, Table 1: S2",
        "S2, third line",
        "P12 S2; [12]",
        "[no] allogeneic HSCT",
    ],
    "t-marrow-timing-unknown": [
        "groups, Table 1: S4",
        "S4, third line",
        "P12 S4; [12]",
        "[yes] allogeneic HSCT",
        "BFM timing, Table 1: cannot say yet: very early or early or late",
        "would be settled by: months_from_diagnosis",
        "[yes] HLA-matched sibling",
    ],
    "early-and-late": [
        "groups, Table 1: S3",
        "P12 S3; [12]",
        "[cannot say] allogeneic HSCT",
        "two passages contradict each other",
        "schemes differ on timing",
    ],
    "stopped-early": ["very early and late at once", "groups, Table 1: S2 and S4 at once"],
    "on-the-boundary": [
        "BFM timing, Table 1: in no category, between very early and early",
        "groups, Table 1: in no category, between S3 and S4",
    ],
    "cns-late": ["groups, Table 1: S1", "P12 S1; [12]", "[yes] CNS radiotherapy 18 Gy"],
    "testis-early": [
        "groups, Table 1: S2",
        "S2, first line",
        "[yes] orchiectomy",
        "only the caption",
    ],
    "second-relapse": ["groups, Table 1: does not apply", "[cannot say] allogeneic HSCT", "P43"],
}


def sections(text: str) -> dict[str, str]:
    """Split the text of several relapses by their headings."""
    parts = re.split(r"^Relapse (\S+)\s*$", text, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


@pytest.mark.parametrize("name", SHOWN)
def test_text_shows_class_clause_citation_and_advice(name: str) -> None:
    """A shipped example shows its class, the clause with its citation, and what is advised."""
    section = sections(asked(str(EXAMPLES)).out)[name]
    assert [line for line in SHOWN[name] if line not in section] == []


def test_text_shows_evidence_what_is_missing_and_readings() -> None:
    """The T-lineage example shows evidence for and against HSCT, open questions, readings."""
    section = sections(asked(str(EXAMPLES)).out)["t-marrow-timing-unknown"]
    transplantation = section.partition("[yes] allogeneic HSCT")[2].partition("\n  [")[0]
    assert re.search(r"^ +for: .+\(P\d+.*; \[\d+.*\]\)", transplantation, re.MULTILINE)
    assert re.search(r"^ +against: .+\(P\d+.*; \[\d+.*\]\)", transplantation, re.MULTILINE)
    assert "\nReadings used" in section
    assert re.search(r"^ +B1: .*S3 or S4", section, re.MULTILINE)
    assert "2012" in section and "medical device" in section.replace("\n", " ")


def test_text_names_every_reading_that_json_names() -> None:
    """The readings of the text are those of the JSON."""
    shown = sections(asked(str(EXAMPLES)).out)
    for answer in answers("examples"):
        listed = shown[answer["relapse"]["patient_id"]].partition("\nReadings used")[2]
        assert set(re.findall(r"^ +([A-Z]\d+): ", listed, re.MULTILINE)) == set(answer["readings"])


class Page(HTMLParser):
    """Check that elements close as they opened, and gather what is shown."""

    VOID = ("meta", "br")
    OPTIONAL = ("td", "th", "tr", "li", "p")

    def __init__(self) -> None:
        """Begin with nothing open."""
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.attributes: dict[str, str | None] = {}
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what opens; a cell ends the cell before it."""
        self.tags.add(tag)
        self.attributes |= dict(attrs)
        if self.open and self.open[-1] in ("td", "th") and tag in ("td", "th"):
            self.open.pop()
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Refuse what closes without having been opened last."""
        while self.open[-1] != tag and self.open[-1] in self.OPTIONAL:
            self.open.pop()
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Gather the text."""
        self.text += data


def test_html_is_well_formed_and_holds_the_same_answer() -> None:
    """The page closes all it opens, needs nothing from the web, and shows classes and advice."""
    page, text = Page(), asked(str(EXAMPLES), "--format=html").out
    page.feed(text)
    assert page.open == []
    assert text.startswith("<!doctype html>")
    assert not {"script", "link", "img", "iframe"} & page.tags
    assert not {"src", "href", "onload", "onerror"} & set(page.attributes)
    for answer in answers("examples"):
        assert answer["relapse"]["patient_id"] in page.text
        for entry in answer["classification"].values():
            assert entry["label"] in page.text and entry["value"] in page.text
        assert all(i["action"] in page.text for i in answer["advice"])


def test_html_escapes_what_was_put_in() -> None:
    """Markup in an identifier or a bad value is shown, never interpreted."""
    name, bad = "<script>alert(1)</script>&\"'", "<img src=x onerror=1>"
    page = Page()
    page.feed(asked("--patient-id", name, "--immunophenotype", bad, "--format=html").out)
    assert page.open == [] and not {"script", "img"} & page.tags
    assert name in page.text and bad in page.text


def published_by(year: int) -> dict[str, set[str]]:
    """Return, from the table of facts itself, later evidence by advice up to the end of a year."""
    found: dict[str, set[str]] = {}
    with LATER.open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
            if row["published"] and int(row["published"][:4]) <= year:
                for link in ("supports", "contradicts", "qualifies"):
                    for advice in filter(None, row[link].split(";")):
                        found.setdefault(advice.removeprefix("advice/"), set()).add(row["id"])
    return found


@pytest.mark.parametrize("year", [2011, 2018, 2024])
def test_later_evidence_comes_with_as_of_only_and_stands_apart(year: int) -> None:
    """A date adds what was published up to then, under a key of its own, and changes no answer."""
    expected = published_by(year)
    shown = 0
    for plain, dated in zip(
        answers("examples"), answers("examples", f"--as-of={year}-12-31"), strict=True
    ):
        assert plain["classification"] == dated["classification"]
        for before, after in zip(plain["advice"], dated["advice"], strict=True):
            assert "later_evidence" not in before
            later = {e["evidence"].rpartition("/")[2] for e in after.pop("later_evidence")}
            status = after.pop("status")
            assert before == after
            assert later == set().union(*(expected.get(a, set()) for a in after["advice"]))
            assert bool(later) == (status in {"confirmed", "modified", "superseded"})
            shown += len(later)
    assert bool(shown) == (year > 2012)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("gap", "in no category"),
        ("gap:S3", "in no category, next to S3"),
        ("gap:S3|S4", "in no category, between S3 and S4"),
    ],
)
def test_a_gap_is_next_to_one_category_or_between_several(value: str, words: str) -> None:
    """What lies beside a hole is named, and told as one neighbour or as several."""
    assert category_words({"value": value, "status": "gap"}) == words
