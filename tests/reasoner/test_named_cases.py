"""The cases that the issue, the decision procedure and the list of ambiguities name."""

from __future__ import annotations

from itertools import product

import pytest
from cases import COLUMNS, record, table
from conftest import Ask

# record | column | value | where the sentence stands
SCHEMES = table("""
clear BM BCP on dx=34       | timing_table1        | early                      | A01
clear BM BCP on dx=34       | timing_abstract      | late                       | A01
clear BM BCP on dx=34       | timing_cog           | early                      | A01
clear BM BCP on dx=34       | timing_bfm_narrative | undetermined:early|late    | A01
clear BM BCP dx=16 off=9    | timing_table1        | overlap:very early|late    | A04
clear BM BCP dx=16 off=9    | bfm_group            | overlap:S2|S4              | A04, issue
clear BM T dx=16 off=9      | bfm_group            | S4                         | A04
clear BM BCP on dx=18       | timing_table1        | gap:very early|early       | A03
clear BM BCP on dx=18       | bfm_group            | gap:S3|S4                  | A03, issue
clear BM BCP dx=40 off=6    | timing_table1        | gap:early|late             | A03
clear BM BCP dx=40 off=6    | bfm_group            | gap:S2|S3                  | A03
clear BM BCP dx=18 off=6    | timing_table1        | gap:very early|early|late  | A03
dx=30                       | timing_abstract      | gap:early|late             | A03
clear BM dx=36              | timing_cog           | gap:early|later            | A03
clear CNS BCP on dx=18      | bfm_group            | S2                         | A03
clear BM T on dx=18         | bfm_group            | S4                         | A03
clear BM CNS BCP dx=40 off=6 | bfm_group           | S2                         | A03
clear CNS BCP dx=40 off=6   | bfm_group            | gap:S1|S2                  | A03
dx=18.5 rem=17              | timing_bfm_narrative | gap                        | A02
dx=31 rem=30                | timing_bfm_narrative | late                       | P10
dx=31 rem=29.99             | timing_bfm_narrative | early                      | P10
dx=20 rem=18                | timing_bfm_narrative | gap:early                  | A03
dx=24                       | timing_table1        | undetermined:early|late    | A05, issue
diagnosis_date=2010-01-01 relapse_date=2012-01-01 | timing_table1 | undetermined:early|late | A05
on dx=24                    | timing_table1        | early                      | B2
clear CNS dx=40             | timing_cog           | not-applicable             | A01
dx=40                       | timing_cog           | undetermined:later         | A01
second clear BM BCP late    | bfm_group            | not-applicable             | A31
clear BM T                  | bfm_group            | S4                         | step 3, issue
clear BM T early            | bfm_group            | S4                         | P12
clear BM very-early         | bfm_group            | S4                         | step 3
clear BM CNS very-early     | bfm_group            | S4                         | step 3
clear CNS early             | bfm_group            | S2                         | step 3
clear testis late           | bfm_group            | S1                         | step 3
clear CNS testis late       | bfm_group            | S1                         | A13
clear CNS on                | bfm_group            | S2                         | step 3
clear BM CNS BCP dx=30      | bfm_group            | S2                         | step 3
clear BM? CNS BCP early     | bfm_group            | S2                         | step 3
BM BCP late                 | bfm_group            | S2                         | step 3
BM BCP very-early           | bfm_group            | S4                         | step 3
BM BCP early                | bfm_group            | undetermined:S2|S3         | step 3
clear BM early              | bfm_group            | undetermined:S3|S4         | step 3
clear BM late               | bfm_group            | undetermined:S2|S4         | step 3
clear BM? CNS BCP late      | bfm_group            | undetermined:S1|S2         | step 3
clear BM CNS T early        | bfm_group            | gap                        | A11
clear BM CNS T late         | bfm_group            | gap                        | A11
clear BM CNS other-B late   | bfm_group            | S2                         | A17
clear BM BCP early          | bfm_group            | S3                         | P12
clear BM BCP late           | bfm_group            | S2                         | P12
clear BM                    | site_pattern         | isolated BM                | 1.1
clear BM CNS testis         | site_pattern         | combined BM+CNS+testis     | 1.2
clear CNS                   | site_pattern         | isolated CNS               | 1.3
clear testis                | site_pattern         | isolated testicular        | 1.4
clear other                 | site_pattern         | isolated other extramedullary | 1.5
clear CNS testis            | site_pattern         | multisite extramedullary   | 1.6
clear                       | site_pattern         | no relapse                 | DESIGN 5
clear BM? blasts=4.99 CNS   | site_pattern         | isolated CNS               | P9
clear BM? blasts=5 CNS      | site_pattern         | undetermined:combined BM+CNS|isolated CNS | A09
clear BM? blasts=24.9 CNS   | site_pattern         | undetermined:combined BM+CNS|isolated CNS | A09
clear BM? blasts=25 CNS     | site_pattern         | combined BM+CNS            | B6
clear CNS? palsy=yes        | site_pattern         | isolated CNS               | P8, A15
clear BM cns=CNS2           | site_pattern         | undetermined:isolated BM|combined BM+CNS | A15
clear BM testis=unilateral | site_pattern | undetermined:isolated BM|combined BM+testis | A16
clear CNS pcr=positive      | site_pattern         | isolated CNS               | A14
clear CNS late              | uk_r3_group          | SR                         | since 2012
clear CNS early             | uk_r3_group          | IR                         | since 2012
clear CNS very-early        | uk_r3_group          | HR                         | since 2012
clear BM BCP late           | uk_r3_group          | IR                         | since 2012
clear BM BCP early          | uk_r3_group          | HR                         | since 2012
clear BM CNS BCP early      | uk_r3_group          | IR                         | since 2012
clear BM CNS BCP very-early | uk_r3_group          | HR                         | since 2012
clear BM CNS T              | uk_r3_group          | HR                         | since 2012
clear BM BCP late mrd=9e-4  | cog_group            | low                        | since 2012
clear BM BCP late mrd=1e-3  | cog_group            | intermediate               | since 2012
clear BM BCP early          | cog_group            | high                       | since 2012
clear T CNS                 | cog_group            | high                       | since 2012
clear BCP CNS dx=60 low     | cog_group            | undetermined:low|high      | since 2012
clear BM BCP late           | intreall             | SR                         | since 2012
clear BM CNS BCP early      | intreall             | SR                         | since 2012
clear CNS T late            | intreall             | SR                         | since 2012
clear BM T late             | intreall             | gap                        | since 2012
""")

CNS_18, CNS_15 = "CNS radiotherapy 18 Gy", "CNS radiotherapy 15 Gy"
ONE_SIDE = "orchiectomy, then contralateral biopsy, then 15 Gy to the other testis if clear"
BOTH_SIDES = "orchiectomy or 24 Gy to both testes"
OTHER_SITE = "radiotherapy of the other site (dose not stated)"
DEPLETED = "T cell-depleted haploidentical relative"
UNMANIPULATED = "unmanipulated haploidentical relative (experimental)"
OPTIONS = [
    ("clear CNS prior=20", "local_therapy", CNS_18),  # A38
    ("clear CNS prior=20.01", "local_therapy", CNS_15),  # A38
    ("clear CNS prior=0", "local_therapy", CNS_18),  # B-3
    ("clear CNS", "local_therapy", f"undetermined:{CNS_18}|{CNS_15}"),  # A38
    ("clear BM CNS prior=24", "local_therapy", CNS_15),  # A7
    ("clear testis", "local_therapy", ONE_SIDE),  # B-4
    ("clear testis contralateral-", "local_therapy", ONE_SIDE),  # B-4
    ("clear testis contralateral+", "local_therapy", BOTH_SIDES),  # B-5
    ("clear testes", "local_therapy", BOTH_SIDES),  # B-5
    ("clear other", "local_therapy", OTHER_SITE),  # B-6
    ("clear CNS testis prior=0", "local_therapy", f"{CNS_18} + {ONE_SIDE}"),  # A13
    ("clear BM", "local_therapy", "not-applicable"),
    ("clear BM donors=matched-sibling;cord-blood", "donor_choice", "matched sibling"),  # C-1
    ("clear BM donors=matched-family;unrelated-8/8", "donor_choice", "matched family donor"),  # C-1
    ("clear BM donors=unrelated-8/8 nk=no", "donor_choice", "unrelated donor"),  # C-2
    ("clear BM donors=unrelated-7/8 nk=no", "donor_choice", "unrelated donor"),  # C-2, A61
    ("clear BM donors=unrelated-6/8 nk=no", "donor_choice", "undetermined"),  # P28, A61
    (
        "clear BM donors=unrelated-8/8;cord-blood;haploidentical nk=no",
        "donor_choice",
        f"unrelated donor or cord blood or {DEPLETED}",
    ),  # A60: no ranking among them
    ("clear BM donors=haploidentical nk=yes", "donor_choice", DEPLETED),  # C-2
    (
        "clear BM donors=haploidentical nk=no",
        "donor_choice",
        f"{DEPLETED} or {UNMANIPULATED}",
    ),  # C-3
    ("clear BM donors=none nk=no", "donor_choice", "undetermined"),
]

# record | columns that would settle the column, and no others
SETTLED_BY = table("""
clear BM BCP late           | hsct                 | mrd
clear BM CNS BCP early      | hsct                 | mrd
clear CNS BCP early         | hsct                 | mrd
clear BM BCP on dx=34       | timing_bfm_narrative | months_from_remission
clear BM BCP dx=24 on       | bfm_group            |
clear BM early              | bfm_group            | immunophenotype
clear CNS                   | local_therapy        | prior_cranial_rt_gy
clear BM BCP late mrd=not-detected | hsct          | mrd_sensitivity
clear testis=unilateral BM  | site_pattern         | testis_biopsy
clear BM? CNS BCP late      | bfm_group            | marrow_status
clear BCP CNS dx=60 low     | cog_group            |
""")


@pytest.mark.parametrize(("words", "column", "value", "source"), SCHEMES)
def test_case_of_a_scheme(ask: Ask, words: str, column: str, value: str, source: str) -> None:
    """A relapse named in the sources stands where they put it."""
    name = COLUMNS[column]
    assert ask(record(words), (name,))[name].value == value, source


@pytest.mark.parametrize(("words", "column", "value"), OPTIONS)
def test_case_of_options(ask: Ask, words: str, column: str, value: str) -> None:
    """Sites and donors lead to the treatments and grafts of sections B and C."""
    name = COLUMNS[column]
    assert ask(record(words), (name,))[name].value == value


@pytest.mark.parametrize(("words", "column", "columns"), SETTLED_BY)
def test_what_would_settle_it(ask: Ask, words: str, column: str, columns: str) -> None:
    """An open answer asks for the one fact that settles it; what nobody can enter is not asked."""
    name = COLUMNS[column]
    assert ask(record(words), (name,))[name].settled_by == tuple(columns.split())


def test_genetics_never_changes_a_group(ask: Ask) -> None:
    """In every complete case of Table 1 no genetic finding changes the group (A18)."""
    genetics = [
        "", "none-adverse", "KMT2A-r", "hypodiploidy", "BCR-ABL1", "ETV6-RUNX1",
        "TKI-resistance-mutation", "KMT2A-r;hypodiploidy;BCR-ABL1",
    ]  # fmt: skip
    sites = list(product(("", "BM"), ("", "CNS"), ("", "testis"), ("", "other")))
    times = [f"dx={dx}" for dx in ("10", "18", "24", "30", "33", "36", "40")]
    ends = ("on_treatment=yes", "off=3", "off=6", "off=9")
    name, seen = COLUMNS["bfm_group"], set()
    for where, lineage, dx, end in product(sites, ("BCP", "T", "other-B"), times, ends):
        words = " ".join(("clear", *where, lineage, dx, end))
        found = {
            ask({**record(words), **extra}, (name,), settle=False)[name]
            for extra in (*({"genetics": g} for g in genetics), {"chromosomes": "43"})
        }
        assert len(found) == 1, words
        seen |= {answer.value for answer in found}
    assert {"S1", "S2", "S3", "S4"} < seen


def test_clocks_that_began_before_the_diagnosis_say_nothing(ask: Ask) -> None:
    """A clock longer than the time from diagnosis contradicts it: both are set aside."""
    name = COLUMNS["timing_table1"]
    for clocks in ("dx=10 off=15", "dx=10 rem=20 off=15"):
        answers = ask(record(clocks), (name,))
        assert answers[name].value == "undetermined:very early|early|late", clocks
        assert answers.problems
