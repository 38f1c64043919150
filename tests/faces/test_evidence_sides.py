"""On which side of an action its evidence stands."""

from faces import rallo

SITE = ["--cns-status=CNS1", "--testis=none", "--other-extramedullary=none"]
MARROW = ["--marrow-status=involved", *SITE, "--format=json"]


def transplant(*arguments: str) -> dict[str, set[int]]:
    """Return the reference numbers for and against transplantation."""
    item = rallo("recommend", *MARROW, *arguments).json["advice"][0]
    sides = ("supported_by", "contradicted_by")
    return {s: {c["number"] for e in item[s] for c in e["citations"]} for s in sides}


def test_the_trial_without_an_advantage_speaks_against_transplantation() -> None:
    """CCG-1941 found no advantage [8]; the matched pairs did in high risk [31] (P24, P25)."""
    found = transplant("--immunophenotype=T")
    assert 8 in found["contradicted_by"] - found["supported_by"]
    assert 31 in found["supported_by"]


def test_evidence_for_chemotherapy_never_stands_for_transplantation() -> None:
    """Where the answer is no, what supports it contradicts the action (P1, P14, P16)."""
    late = ["--immunophenotype=BCP", "--months-from-diagnosis=60", "--months-from-treatment-end=30"]
    found = transplant(*late, "--mrd=1e-5")
    assert {11, 34, 36} <= found["contradicted_by"]
    assert found["supported_by"] == set()
