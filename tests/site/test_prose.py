"""Prove that what stands on a written page was run, and that what does not run is refused."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from ontology.files import BASE
from queries.site.pages import Page, Press, SiteError
from queries.site.prose import PAGES, chapter
from queries.web.holdings import Holdings

Printed = Callable[..., str]
CONSOLE = re.compile(r"\$ (rallo (serve|push|query .*--endpoint)|curl|python3|\S*pip)\b")
FENCE = re.compile(r"^(```+)([^\n]*)\n(.*?)^\1$", re.MULTILINE | re.DOTALL)


@pytest.fixture
def printed(tmp_path: Path, held: Holdings) -> Printed:
    """Print a page of some Markdown, beside pages that tell of some terms."""

    def printer(text: str, *others: Page, name: str = "guides/a.md") -> str:
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        press = Press([*chapter(held, tmp_path), *others])
        return press.render(press.pages[0])

    return printer


def said(page: str) -> str:
    """Return the text of a page without its tags."""
    return html.unescape(re.sub(r"<[^>]+>", "", page))


def test_a_command_is_run_and_its_answer_stands_below(printed: Printed) -> None:
    """The answer is the program's own: the example of README in the same words."""
    page = said(printed("# A\n\n```sh run\nrallo query bfm_group_shares --format csv\n```\n"))
    assert "rallo query bfm_group_shares --format csv" in page
    assert "S1,=,5,%,P12 S1,12,inherited\nS2,=,55,%,P12 S2,12,inherited" in page


def test_commands_of_a_page_share_a_folder(printed: Printed) -> None:
    """A block is written to a file that later commands read, and a table they write is shown."""
    page = printed(
        "# A\n\n```csv file=mine.csv\n"
        "patient_id,immunophenotype,marrow_status,cns_status,testis,other_extramedullary\n"
        "x,T,involved,CNS1,none,none\n```\n"
        "\n```sh run shows=out.csv columns=patient_id,bfm_group\n"
        "rallo classify mine.csv \\\n  -o out.csv\n```\n"
    )
    # T-lineage marrow relapse is S4 at any time (P12).
    cells = re.findall(r"<t[hd](?: [^>]*)?>(.*?)</t[hd]>", page)
    assert cells == ["patient_id", "bfm_group", "x", "S4"]
    assert '<p class="label">mine.csv</p>' in page


def test_what_is_left_out_is_counted(printed: Printed) -> None:
    """A cut answer says how many lines are left out, before and after."""
    page = said(
        printed(
            '# A\n\n```sh run from="S2" lines=2\nrallo query bfm_group_shares --format csv\n```\n'
        )
    )
    assert "2 lines left out above" in page and "1 more line left out" in page
    assert "S2,=,55" in page and "S3,=,15" in page
    assert "S1,=,5" not in page and "S4,=,25" not in page


def test_a_query_is_asked_and_its_rows_link_to_their_places(printed: Printed) -> None:
    """Rows stand as a table, and a cell whose thing has a place leads there."""
    place = Page("studies.html", "S", "prose.html", terms={f"{BASE}study/pog-cns-1": "pog"})
    page = printed(
        "# A\n\n```sparql run\nSELECT ?study ?n WHERE {\n  VALUES ?study { "
        "<https://w3id.org/rallo/study/pog-cns-1> }\n  ?study rallo:sampleSize ?n\n}\n```\n",
        place,
    )
    assert '<td><a href="../studies.html#pog">study/pog-cns-1</a></td><td>83</td>' in page


def test_what_is_inferred_is_asked_only_on_demand(printed: Printed) -> None:
    """A class that only reasoning gives has no rows, and has them where the block says so."""
    query = "SELECT ?case WHERE { ?case a rallo:S2 } ORDER BY ?case\n```\n"
    without, with_ = (
        said(printed(f"# A\n\n```sparql run{word}\n{query}")) for word in ("", " inferred")
    )
    assert "no rows" in without and "example/late-marrow" not in without
    assert "example/late-marrow" in with_


@pytest.mark.parametrize(
    "block, message",
    [
        ("sh run\nrallo query no_such", r"a\.md:5: rallo query no_such: status 2: .*not known"),
        ("sh run status=2\nrallo columns", "status 0"),
        ("sh run\nls", "only rallo commands"),
        ("sh run\n", "empty"),
        ("sh run form=x\nrallo columns", "cannot say form"),
        ("sh walk\nrallo columns", "cannot say walk"),
        ("sh run from=Nothing\nrallo columns", "no line .* starts with 'Nothing'"),
        ("sh run shows=out.csv\nrallo columns", "no command wrote out.csv"),
        ("csv file=../out.csv\na", "leads out"),
        ("turtle run\n<a> <b> <c> .", "turtle cannot be run"),
        ("sparql run\nSELECT ?s WHERE { ?s a }", "not a valid query"),
        ("sparql run\nSELECT ?s WHERE { ?s a rallo:Scheme }", "ORDER BY"),
    ],
)
def test_a_block_that_does_not_run_is_refused(printed: Printed, block: str, message: str) -> None:
    """No page stands whose code fails; file and line of the block are named."""
    with pytest.raises(SiteError, match=message) as caught:
        printed(f"# A\n\nText.\n\n```{block}\n```\n")
    assert str(caught.value).startswith("guides/a.md:5: ")


def test_links_lead_to_pages_and_terms(printed: Printed) -> None:
    """Markdown files become pages; terms, schemes and questions lead to where they are told."""
    terms = {f"{BASE}S2": "S2", f"{BASE}scheme/uk-r3": "", f"{BASE}question/holes": "h"}
    page = printed(
        "# A\n\n[a](../limits.md#use) [b](rallo:S2) [c](scheme:uk-r3) [d](question:holes) "
        "[e](https://example.org/x.md) [f](#here)\n",
        Page("told/x.html", "X", "prose.html", terms=terms),
    )
    links = dict(re.findall(r'<a href="([^"]+)"[^>]*>([a-f])</a>', page))
    assert {name: way for way, name in links.items()} == {
        "a": "../limits.html#use",
        "b": "../told/x.html#S2",
        "c": "../told/x.html",
        "d": "../told/x.html#h",
        "e": "https://example.org/x.md",
        "f": "#here",
    }


def test_a_link_to_nothing_is_refused(printed: Printed) -> None:
    """A term that no page tells of, and a picture that is not there, are refused by place."""
    with pytest.raises(SiteError, match=r"guides/a\.md:3: nothing tells of rallo:NoSuchTerm"):
        printed("# A\n\n[x](rallo:NoSuchTerm)\n")
    with pytest.raises(SiteError, match=r"guides/a\.md:5: there is no picture none\.png"):
        printed("# A\n\nText.\n\n![x](../pictures/none.png)\n")


def test_a_page_has_a_title(printed: Printed) -> None:
    """A page that starts otherwise is refused."""
    with pytest.raises(SiteError, match=r"guides/a\.md:1: .*title"):
        printed("Text.\n")


def test_markup_in_an_answer_is_shown_and_not_obeyed(printed: Printed) -> None:
    """Tags in code and in text are text."""
    page = printed("# A\n\n<b>x</b>\n\n```json\n<script>alert(1)</script>\n```\n")
    assert "<script>" not in page and "<b>" not in page
    assert "<script>alert(1)</script>" in said(page) or "<script>" in html.unescape(page)


@pytest.mark.parametrize("source", sorted(PAGES.rglob("*.md")), ids=lambda p: p.stem)
def test_no_output_is_pasted(source: Path) -> None:
    """Blocks of shell and SPARQL are run, but for servers and set-up, which console blocks show."""
    for _, info, text in FENCE.findall(source.read_text(encoding="utf-8")):
        language, *words = info.split()
        if language in ("sh", "sparql"):
            assert "run" in words, (source.name, info)
        if language == "console":
            for line in text.splitlines():
                started = re.match(
                    r"\$ (rallo (serve|push|query .*--endpoint)|curl|python3|\S*pip) ?", line
                )
                assert started, (source.name, line)
        assert language in ("sh", "sparql", "console", "json", "turtle", "csv", "manchester"), info
