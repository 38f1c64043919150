"""Fetches records from registries: the only code that reaches the network by itself.

Only public numbers leave this machine. An answer is put in place whole, and never over another.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from reasoner.drafts import whole

# Set by a test, or by those who keep a mirror.
PUBMED = "RALLO_PUBMED_URL", "https://eutils.ncbi.nlm.nih.gov/entrez/eutils/efetch.fcgi"
TRIALS = "RALLO_TRIALS_URL", "https://clinicaltrials.gov/api/v2/studies"
SECONDS, BYTES = 60, 20_000_000


class FetchError(RuntimeError):
    """Say what could not be fetched, and why."""


def fetch_papers(pmids: Sequence[str], folder: Path) -> Path:
    """Fetch papers by their PubMed numbers into one XML file; return its path.

    Raises:
        FetchError: a number is none, the file exists, or the registry did not answer.
    """
    for pmid in pmids:
        _check(pmid, r"[1-9]\d{0,8}", "a PubMed number, as 21131038")
    query = urlencode({"db": "pubmed", "retmode": "xml", "id": ",".join(pmids)})
    return _fetch(f"{_address(*PUBMED)}?{query}", folder / f"pubmed-{'-'.join(pmids)[:80]}.xml")


def fetch_trial(nct: str, folder: Path) -> Path:
    """Fetch one trial by its number into a JSON file; return its path.

    Raises:
        FetchError: it is no such number, the file exists, or the registry did not answer.
    """
    _check(nct, r"NCT\d{8}", "NCT and eight figures")
    return _fetch(f"{_address(*TRIALS)}/{nct}", folder / f"{nct}.json")


def _check(value: str, pattern: str, allowed: str) -> None:
    if not re.fullmatch(pattern, value):
        raise FetchError(f"{value!r}: allowed: {allowed}")


def _address(variable: str, default: str) -> str:
    return os.environ.get(variable) or default


def _fetch(url: str, path: Path) -> Path:
    if path.exists():
        raise FetchError(f"{path} exists")
    if not url.startswith(("https://", "http://127.0.0.1:")):
        raise FetchError("only https is used")
    request = Request(url, headers={"User-Agent": "rallo"})
    try:
        with urlopen(request, timeout=SECONDS) as response:
            body = response.read(BYTES + 1)
    except (URLError, TimeoutError) as error:
        if isinstance(error, HTTPError):
            error.close()
        raise FetchError(f"{path.name}: the registry did not answer: {error}") from error
    if len(body) > BYTES:
        raise FetchError(f"{path.name}: the answer is over {BYTES} bytes")
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole(path) as draft:
        draft.write_bytes(body)
    return path
