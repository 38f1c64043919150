"""Takes the pictures of the server's pages anew.

PYTHONPATH=.:tests/web python tests/site/take_pictures.py
"""

from __future__ import annotations

from site_pictures import open_page, pictures
from web_origin import chromium, served

from queries.site.prose import PICTURES


def take() -> None:
    """Serve the pages, open each address, and write its picture."""
    with served() as origin, chromium() as browser:
        for picture in pictures():
            tab = open_page(browser, origin, picture)
            tab.screenshot(path=PICTURES / picture.file)
            tab.close()


if __name__ == "__main__":
    take()
