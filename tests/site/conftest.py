"""What the tests of the documentation share: the whole of it, built once."""

from __future__ import annotations

from pathlib import Path

import pytest

from queries.site.building import build_site


@pytest.fixture(scope="session")
def built_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the documentation; return its folder."""
    folder = tmp_path_factory.mktemp("site") / "docs"
    build_site(folder)
    return folder
