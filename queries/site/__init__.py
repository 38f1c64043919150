"""The documentation: a folder of pages that need no server, no network and no script."""
