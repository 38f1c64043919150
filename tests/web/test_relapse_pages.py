"""Prove that the page of a relapse says what the API says, and that its links do what they say."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from starlette.testclient import TestClient
from web_reader import Page

from loaders.cohort import read_relapses
from ontology.files import HOME
from queries.knowledge import Knowledge
from queries.text import category_words
from queries.web.asked import Asked, read_asked
from queries.web.changes import advice_words
from queries.web.form import example, fields, sections
from queries.web.holdings import Holdings

Read = Callable[[str], Page]
GIVEN = {
    "marrow_status": "involved",
    "cns_status": "CNS3",
    "testis": "none",
    "other_extramedullary": "none",
    "immunophenotype": "BCP",
    "months_from_diagnosis": "20",
    "on_treatment": "yes",
    "donors": "unrelated-8/8",
}
BOUNDARY = {"marrow_status": "involved", "immunophenotype": "T", "months_from_diagnosis": "18"}
CASES = [{}, GIVEN, BOUNDARY, {"immunophenotype": "mature-B"}] + [
    {c: v for c, v in relapse.items() if c != "patient_id" and v}
    for relapse in read_relapses(HOME / "examples" / "relapses.csv")
]


def values_of(link: str) -> dict[str, str]:
    """Return what an address says."""
    return dict(parse_qsl(urlsplit(link).query))


@pytest.mark.parametrize("values", CASES)
@pytest.mark.parametrize("view", ["", "print"])
def test_the_page_says_all_that_the_api_says(
    read: Read, knowledge: Knowledge, values: dict[str, str], view: str
) -> None:
    """Each class with its clauses, each advice with its evidence, and each problem is on the page.

    What is cited is a link to its reference, and the disclaimer is there.
    """
    page = read(Asked(values, as_of="2024", view=view).address)
    answer = knowledge.recommend(values, as_of="2024")
    links = {target for target, _ in page.links("/relapse")}
    wanted = [answer["disclaimer"], *answer["readings"].values()]
    for entry in answer["classification"].values():
        wanted += [entry["label"], category_words(entry).partition(":")[0]]
        wanted += [w for g in entry["because"] for w in (g["clause"], g["criterion"])]
        assert links >= {f"/id/reference/{n}" for g in entry["because"] for n in g["citations"]}
    for item in answer["advice"]:
        wanted.append(item["action"])
        if item["kind"] == "advice" and item["reason"] == "missing-facts":
            continue
        wanted += [*item["says"], *item["steps"], *item["conditions"]]
        for side in ("supported_by", "contradicted_by", "qualified_by"):
            for evidence in item[side]:
                wanted.append(evidence["statement"])
                assert f"/id/statement/{evidence['id']}" in links
                assert links >= {f"/id/reference/{c['number']}" for c in evidence["citations"]}
                figures = {f"/id/{f['outcome']}" for f in evidence.get("figures", ())}
                assert links >= figures
        wanted += [e["statement"] for e in item["later_evidence"]]
    wanted += [p.partition(", ")[2] for p in answer["problems"]]
    missing = [text for text in wanted if " ".join(text.split()) not in page.text]
    assert not missing


def test_every_input_column_but_the_identifier_is_a_field(read: Read, held: Holdings) -> None:
    """The form has each input column once, unknown unless given, with all that it may hold."""
    page = read("/")
    intake = held.knowledge().intake
    names = [
        a["name"] for a in page.all("input", "select") if a["name"] in intake.columns
    ]  # fmt: skip
    assert set(names) == set(intake.columns) - {"patient_id"}
    single = [n for n in names if intake.columns[n].kind != "tokens"]
    assert len(single) == len(set(single))
    assert not any("checked" in a or "selected" in a for a in page.all("input", "option"))
    assert not any(a.get("value") for a in page.all("input") if a.get("type") != "checkbox")
    offered = [a["value"] for a in page.all("input", "option") if "value" in a]
    for field in fields(held).values():
        if field.kind in ("value", "tokens"):
            assert set(offered) >= {choice.value for choice in field.choices}


def test_columns_stand_under_what_takes_them(held: Holdings) -> None:
    """Sections follow the order of schemes and decisions, columns within them their own order."""
    made = sections(held)
    rank = held.knowledge().intake.rank
    assert len(made) > 3
    for section in made:
        ranks = [rank[f.name] for f in section.fields]
        assert ranks == sorted(ranks)
    answerer = held.knowledge().answerer
    (first,) = {f.name for f in made[0].fields} & {"marrow_status"}
    assert held.knowledge().intake.columns[first].dimensions[0] in (
        next(iter(answerer.schemes.values())).facts
    )


def test_an_example_of_a_stretch_lies_in_it(knowledge: Knowledge) -> None:
    """The number set for a stretch of a number line is read back as that stretch alone."""
    intake = knowledge.intake
    count = 0
    for name, entry in intake.dimensions.items():
        if entry["is_number"] and entry["column"]:
            for index, atom in enumerate(entry["atoms"]):
                number = example(entry, atom)
                if number is not None:
                    count += 1
                    assert intake.read(entry["column"], number).masks == ((name, 1 << index),)
    assert count > 20


@pytest.mark.parametrize("values", [GIVEN, BOUNDARY, {}])
def test_a_settling_link_states_one_fact_more(
    read: Read, knowledge: Knowledge, values: dict[str, str]
) -> None:
    """Each fact asked for is one that the API names, and each of its links sets it alone."""
    page = read(Asked(values).address if values else "/relapse")
    answer = knowledge.recommend(values)
    asked = {c for e in answer["classification"].values() for c in e["settled_by"]}
    asked |= {c for item in answer["advice"] for c in item["settled_by"]}
    shown = {i.removeprefix("ask-") for i in page.ids if i.startswith("ask-")}
    assert shown == asked
    set_by_links = set()
    for target, fragment in page.links("/relapse"):
        if fragment == "answer" and urlsplit(target).query:
            found = values_of(target)
            changed = {c for c in found | values if found.get(c) != values.get(c)}
            assert len(changed) == 1, target
            set_by_links |= changed & set(found)
    with_choices = {c for c in asked if knowledge.intake.columns[c].kind != "date"}
    assert set_by_links >= with_choices


@pytest.mark.parametrize("column", ["months_from_diagnosis", "donors", "mrd", "relapse_number"])
def test_what_if_tells_each_difference(read: Read, knowledge: Knowledge, column: str) -> None:
    """Each value tried shows what its own answer says differently, and nothing else."""
    page = read(Asked(GIVEN, change=column).address)
    present = knowledge.recommend(GIVEN)
    links = [t for t, f in page.links("/relapse") if f == "answer"]
    tried = [t for t in dict.fromkeys(links) if set(values_of(t)) ^ set(GIVEN) <= {column}]
    assert tried
    for target in tried:
        answer = knowledge.recommend(values_of(target))
        for name, entry in answer["classification"].items():
            before, after = (
                category_words(e) for e in (present["classification"][name], entry)
            )  # fmt: skip
            assert before == after or after in page.text
        before_advice = {i["name"]: advice_words(i) for i in present["advice"]}
        for item in answer["advice"]:
            words = advice_words(item)
            assert before_advice.get(item["name"]) == words or words in page.text


def test_what_if_takes_a_value_of_ones_own(read: Read) -> None:
    """A value that was typed is tried as well, and one that cannot be used is said."""
    page = read(Asked(GIVEN, change="months_from_diagnosis", to="12.5").address)
    assert "12.5" in page.text
    page = read(Asked(GIVEN, change="months_from_diagnosis", to="soon").address)
    assert "'soon' not used" in page.text


def test_an_address_names_no_patient(client: TestClient) -> None:
    """An identifier is dropped, and dates become the months between them, by link and by form."""
    given = {"patient_id": "7", "diagnosis_date": "2010-01-01", "relapse_date": "2012-03-05"}
    given |= {"marrow_status": "", "nonsense": "1"}
    for response in (
        client.get(f"/relapse?{urlencode(given)}", follow_redirects=False),
        client.post("/relapse", data=given, follow_redirects=False),
    ):
        assert response.status_code == 303
        found = values_of(response.headers["location"])
        assert set(found) == {"months_from_diagnosis"}
        assert found["months_from_diagnosis"].startswith("26.")
        assert response.headers["cache-control"] == "no-store"


def test_a_date_that_gives_nothing_is_told_of_and_not_put_into_an_address(
    client: TestClient,
) -> None:
    """A date without its partner, or no date at all, is said in the form, without a redirect."""
    response = client.post("/relapse", data={"remission_date": "2010-01-01"})
    assert response.history == [] and "gives no months without relapse date" in response.text
    given = {"diagnosis_date": "2012-13-01", "relapse_date": "2012-03-05"}
    response = client.post("/relapse", data=given)
    assert response.history == [] and "a date as YYYY-MM-DD" in response.text


def test_an_address_leads_to_itself(client: TestClient, knowledge: Knowledge) -> None:
    """What a form sends is led to one address, and that address answers without going on."""
    sent = [
        ("donors", "cord-blood"),
        ("donors", "haploidentical"),
        ("testis", ""),
        ("mrd", " 1e-3"),
    ]
    sent += [("without", "B1"), ("as_of", "2019"), ("view", "none")]
    first = client.get(f"/relapse?{urlencode(sent)}", follow_redirects=False)
    assert first.status_code == 303
    target = first.headers["location"]
    assert values_of(target) == {
        "donors": "cord-blood;haploidentical", "mrd": "1e-3", "without": "B1", "as_of": "2019",
    }  # fmt: skip
    assert client.get(target, follow_redirects=False).status_code == 200
    asked = read_asked(parse_qsl(urlsplit(target).query), knowledge.intake)
    assert asked.address == target


def test_readings_are_switched_by_link(read: Read, held: Holdings) -> None:
    """Switching a reading off changes the answer as the API does, and back again."""
    page = read(Asked(GIVEN).address)
    off = next(t for t, _ in page.links("/relapse") if values_of(t).get("without") == "B2")
    switched = read(off)
    answer = held.knowledge(without=["B2"]).recommend(GIVEN)
    group = answer["classification"]["timing_table1"]
    assert group != held.knowledge().recommend(GIVEN)["classification"]["timing_table1"]
    assert category_words(group).partition(":")[0] in switched.text
    assert "Reading B2 is switched off." in switched.text
    assert Asked(GIVEN).address in {t for t, _ in switched.links("/relapse")}


def test_what_cannot_be_used_is_said_where_it_stands(client: TestClient) -> None:
    """A wrong value keeps its place in the form, with what is allowed, and the rest is answered."""
    response = client.get("/relapse?marrow_status=maybe&mrd=lots&immunophenotype=T&as_of=soon")
    page = Page(response.text)
    wrong = {a.get("name") for a in page.all("input", "select") if "aria-invalid" in a}
    assert wrong == {"marrow_status", "mrd", "as_of"}
    assert "“maybe” not used; allowed: one of clear, involved" in page.text
    assert "“soon” not used; allowed: a year, a month or a day" in page.text
    described = [a["aria-describedby"] for a in page.all("select") if "aria-invalid" in a]
    assert all(part in page.ids for text in described for part in text.split())


@pytest.mark.parametrize(
    "body, status",
    [(b"\xff\xfe", 400), (b"marrow_status=%ff", 400), (b"a=1&" * 300, 400), (b"a" * 70_000, 413)],
)
def test_a_body_that_is_no_form_is_refused(client: TestClient, body: bytes, status: int) -> None:
    """Bytes that are no form, too many parts and too much text are refused with a page."""
    response = client.post("/relapse", content=body)
    assert response.status_code == status and "<h1>" in response.text


def test_answers_are_kept_by_no_cache(client: TestClient) -> None:
    """A page with facts of a relapse may be stored nowhere."""
    assert client.get(Asked(GIVEN).address).headers["cache-control"] == "no-store"
