"""How far a command has come, on a terminal."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress as Bar


class Progress:
    """Show rows done on a terminal, and nothing elsewhere."""

    bar: Bar

    def __init__(self, name: str) -> None:
        """Take the name of what is worked on."""
        self.name = name

    def __enter__(self) -> Callable[[int], None]:
        """Begin to show, and return how to tell the rows done."""
        from rich.console import Console
        from rich.progress import Progress as Bar
        from rich.progress import SpinnerColumn, TextColumn, TimeElapsedColumn

        console = Console(stderr=True)
        self.bar = Bar(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            TextColumn("{task.completed:,} rows"),
            TimeElapsedColumn(),
            console=console,
            disable=not console.is_terminal,
        )
        self.bar.start()
        task = self.bar.add_task(self.name, total=None)
        return lambda rows: self.bar.update(task, completed=rows)

    def __exit__(self, *_: object) -> None:
        """Stop showing."""
        self.bar.stop()
