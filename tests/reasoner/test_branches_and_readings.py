"""Every branch of the transplant decision, and what every reading changes."""

from __future__ import annotations

import pytest
from cases import COLUMNS, record, table
from conftest import Ask

# branch | record | answer | reason
BRANCHES = table("""
A5.1  | clear BM BCP early low                 | yes          |
A5.1  | clear BM BCP very-early low            | yes          |
A5.1  | clear BM T late low                    | yes          |
A5.1  | clear BM T                             | yes          |
A5.1  | clear BM BCP very-early genetics=BCR-ABL1 low | yes   |
A5.2  | clear BM BCP late high                 | yes          |
A5.2  | clear BM CNS BCP late high             | yes          |
A5.2  | clear BM CNS T late high               | yes          |
A5.2  | clear BM BCP late genetics=KMT2A-r high | yes         |
A5.3  | clear BM BCP late low                  | no           |
A5.3  | clear BM other-B late low              | undetermined | text-silent
A5.4  | clear BM CNS BCP late low              | no           |
A5.4  | clear BM testis other-B early low      | no           |
A5.5  | clear BM BCP late limit                | undetermined | boundary
A5.5  | clear BM CNS BCP late limit            | undetermined | boundary
A5.6  | clear BM BCP late                      | undetermined | missing-facts
A5.7  | clear BM BCP late low genetics=KMT2A-r | undetermined | figure-only
A5.7  | clear BM BCP late low genetics=hypodiploidy | undetermined | figure-only
A5.7  | clear BM BCP late low genetics=BCR-ABL1 | undetermined | figure-only
A5.7  | clear BM BCP late low chromosomes=43   | undetermined | figure-only
A5.7  | clear BM BCP late low chromosomes=44   | no           |
A5.7  | clear BM BCP late low genetics=ETV6-RUNX1 | no        |
A5.8  | clear BM CNS T early low               | undetermined | text-silent
A5.8  | clear BM CNS T late low                | undetermined | text-silent
A5.9  | clear BM BCP early34 low               | undetermined | text-conflict
A5.9  | clear BM T early34 low                 | yes          |
A5.9  | clear BM BCP early34 high              | yes          |
A5.10 | clear BM BCP late28 low                | no           |
B7.1  | clear CNS BCP early high               | yes          |
B7.1  | clear testis T very-early high         | yes          |
B7.2  | clear CNS BCP early low                | undetermined | figure-only
B7.3  | clear testis BCP early low             | undetermined | figure-only
B7.3  | clear other BCP very-early low         | undetermined | figure-only
B7.4  | clear CNS BCP early                    | undetermined | missing-facts
B7.5  | clear CNS BCP late low                 | no           |
B7.6  | clear CNS BCP late high                | undetermined | text-conflict
B7.7  | clear CNS BCP late                     | undetermined | missing-facts
B7.8  | clear CNS T late low                   | undetermined | figure-only
B7.8  | clear CNS T late high                  | undetermined | text-conflict
A35   | clear BM BCP late mrd=not-detected sensitivity=1e-4 | no |
A35   | clear BM BCP late mrd=not-detected sensitivity=1e-3 | undetermined | missing-facts
A35   | clear BM BCP late mrd=not-detected     | undetermined | missing-facts
A34   | clear BM BCP late mrd=week5:2e-3;week12:<1e-4 | undetermined | missing-facts
A37   | clear BM BCP late mrd=0.0001           | undetermined | boundary
A29   | clear BM BCP early remission=no        | undetermined | text-silent
A29   | clear BM BCP early remission=refractory | undetermined | text-silent
D-7   | second clear BM BCP late high          | undetermined | text-silent
A03   | clear BM BCP on dx=18 low              | undetermined | boundary
A03   | clear BM BCP dx=40 off=6 high          | yes          |
A04   | clear BM BCP dx=16 off=9 high          | yes          |
scope | clear                                  | not-applicable |
""")

# reading switched | record | column | value before | value after
READINGS = table("""
-B0  | clear BM T                     | bfm_group     | S4 | undetermined:S4
-B1  | clear BM BCP early low         | hsct          | yes | undetermined text-silent
-B1  | clear BM BCP very-early limit  | hsct          | yes | undetermined boundary
-B1  | clear BM BCP early high        | hsct          | yes | yes
-B2  | clear BM BCP early             | timing_table1 | early | gap
-B2  | clear BM BCP early             | bfm_group     | S3 | gap
-B2  | clear BM BCP very-early        | bfm_group     | S4 | S4
+A05 | clear BM BCP early             | timing_table1 | early | gap
+A05 | clear BM BCP early             | uk_r3_group   | HR | gap
-B3  | clear BM CNS BCP early         | bfm_group     | S2 | overlap:S2|S3
-B3  | clear BM CNS T late            | bfm_group     | gap | S4
+A10 | clear BM CNS BCP early         | bfm_group     | S2 | overlap:S2|S3
+A10 | clear BM CNS BCP late          | bfm_group     | S2 | S2
-B4  | clear BM BCP late low          | hsct          | no | undetermined text-silent
-B4  | clear BM CNS BCP late low      | hsct          | no | undetermined text-silent
-B5 | clear CNS | site_pattern | isolated CNS | undetermined:isolated CNS|no relapse
-B5 | clear BM | site_pattern | isolated BM | undetermined:isolated BM|combined BM+CNS
-B6 | clear BM? blasts=60 | site_pattern | isolated BM | undetermined:isolated BM|no relapse
-B6  | clear BM? blasts=4 CNS         | site_pattern  | isolated CNS | isolated CNS
-B7  | clear BM BCP early low         | hsct          | yes | undetermined missing-facts
-B7  | clear BM BCP early low remission=yes | hsct    | yes | yes
-B8  | clear BM CNS T early           | bfm_group     | gap | S4
-B8  | clear BM CNS T early low       | hsct          | undetermined text-silent | yes
+A11 | clear BM CNS T late            | bfm_group     | gap | S4
-A03 | clear CNS BCP on dx=18         | bfm_group     | S2 | gap:S2
-A03 | clear BM CNS BCP dx=40 off=6   | bfm_group     | S2 | gap:S2
+A04 | clear BM BCP dx=16 off=9       | timing_table1 | overlap:very early|late | very early
+A04 | clear BM BCP dx=16 off=9       | bfm_group     | overlap:S2|S4 | S4
+A07 | clear BM BCP early34 low       | hsct          | undetermined text-conflict | yes
+A07 | clear BM BCP late low          | hsct          | no | no
+A15 | clear cns=CNS2 | site_pattern | undetermined:isolated CNS|no relapse | isolated CNS
-A18 | clear BM BCP late low          | hsct          | no | undetermined missing-facts
-A18 | clear BM BCP late low genetics=none-adverse | hsct | no | no
+A22 | clear BM CNS T early low       | hsct          | undetermined text-silent | yes
+A22 | clear BM BCP early low         | hsct          | yes | yes
+A22 | clear CNS T late low | hsct | undetermined figure-only | undetermined figure-only
+A24 | clear CNS BCP late high        | hsct          | undetermined text-conflict | yes
+A24 | clear CNS BCP late low         | hsct          | no | no
+A33 | clear BM BCP late limit        | hsct          | undetermined boundary | yes
+A33 | clear BM BCP late low          | hsct          | no | no
-C1  | clear BM BCP late low          | cog_group     | low | gap
-C1  | clear BM T late low            | cog_group     | high | high
-I1  | clear BM BCP late              | intreall      | SR | gap
+I2  | clear BM BCP very-early        | intreall      | gap | HR
+I2  | clear BM T late                | intreall      | gap | HR
""")


def answered(ask: Ask, words: str, column: str, switch: str = "") -> str:
    """Return the answer of a column, for the transplant with its reason, a reading switched."""
    name, reading = COLUMNS[column], (switch[1:],)
    answer = ask(
        record(words),
        (name,),
        with_=reading if switch[:1] == "+" else (),
        without=reading if switch[:1] == "-" else (),
    )[name]
    return f"{answer.value} {answer.reason}".strip() if column == "hsct" else answer.value


@pytest.mark.parametrize(("branch", "words", "value", "reason"), BRANCHES)
def test_branch_of_the_transplant_decision(
    ask: Ask, branch: str, words: str, value: str, reason: str
) -> None:
    """Each branch of A5 and B7 gives its answer, and where there is none the right reason."""
    assert answered(ask, words, "hsct") == f"{value} {reason}".strip(), branch


@pytest.mark.parametrize(("switch", "words", "column", "before", "after"), READINGS)
def test_reading(ask: Ask, switch: str, words: str, column: str, before: str, after: str) -> None:
    """Switching a reading off (-) or on (+) has the effect that is written of it, and no more."""
    assert answered(ask, words, column) == before
    assert answered(ask, words, column, switch) == after


def test_side_of_the_testis_without_the_reading_of_silence(ask: Ask) -> None:
    """With A41 off an unreported biopsy of the other testis keeps the local therapy open."""
    name = COLUMNS["local_therapy"]
    assert ask(record("clear testis"), (name,))[name].status == "entailed"
    open_ = ask(record("clear testis"), (name,), without=("A41",))[name]
    assert open_.status == "undetermined"
    assert open_.settled_by == ("contralateral_testis_biopsy",)


def test_a_missing_fact_is_asked_for_where_a_reading_no_longer_assumes_it(ask: Ask) -> None:
    """With B7 or A18 off the answer asks for the remission, or for the genetics, alone."""
    late = record("clear BM BCP late low")
    assert ask(late, ("hsct",), without=("A18",))["hsct"].settled_by == ("genetics",)
    early = record("clear BM BCP early low")
    assert ask(early, ("hsct",), without=("B7",))["hsct"].settled_by == ("remission",)
