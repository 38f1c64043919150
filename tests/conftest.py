"""What tests share: the committed table, HermiT, a way to ask a record, the graph and its facts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pyoxigraph import Store
from rdflib import Graph

from loaders.facts import load_facts
from loaders.graph import open_graph
from ontology.files import HOME
from ontology.modules import open_with
from queries.answers import open_store
from queries.engines import Embedded
from reasoner.decisions import decision_questions
from reasoner.hermit import Judge
from reasoner.intake import Intake
from reasoner.questions import Question
from reasoner.record import asks, read_record
from reasoner.schemes import scheme_questions
from reasoner.table import Table, View, load

if TYPE_CHECKING:
    from endpoint_server import Server
    from starlette.testclient import TestClient
    from web_reader import Page

    from queries.knowledge import Knowledge
    from queries.web.holdings import Holdings

Values = Mapping[str, str]
Names = tuple[str, ...]


@dataclass(frozen=True)
class Answer:
    """What one question says of one record."""

    value: str
    status: str
    reason: str
    possible: frozenset[str]
    certain: frozenset[str]
    settled_by: Names


@dataclass(frozen=True)
class Answers:
    """What all questions say of one record, by the question's name, and what was wrong with it."""

    by_name: Mapping[str, Answer]
    problems: Names

    def __getitem__(self, name: str) -> Answer:
        """Return what one question says."""
        return self.by_name[name]


class Asker:
    """A table under some readings, ready to be asked."""

    def __init__(self, view: View) -> None:
        """Prepare every question once."""
        self.intake = Intake(view)
        self.questions: dict[str, Question] = {**scheme_questions(view), **decision_questions(view)}

    def ask(self, values: Values, names: Names = (), *, settle: bool = False) -> Answers:
        """Ask some questions, or all; finding out what would settle them costs extra."""
        record = read_record(self.intake, values)
        cells = {id(s.block): s for s in record.states}
        found = {}
        for name in names or self.questions:
            question = self.questions[name]
            axes = question.space.axes
            mask = question.space.select([a.project(cells[id(a.block)].cells) for a in axes])
            verdict = question.verdict(question.outcomes_in(mask))
            columns: dict[str, None] = {}
            for number in question.essential(mask) if settle else ():
                state = cells[id(axes[number].block)]
                columns |= dict.fromkeys(asks(self.intake, record, axes[number].dimensions, state))
            # Beside a gap the program lists its neighbours; nothing is possible in the gap itself.
            possible = () if verdict.status == "gap" else verdict.possible
            found[name] = Answer(
                verdict.value,
                verdict.status,
                verdict.reason,
                frozenset(possible),
                frozenset(verdict.certain),
                tuple(columns),
            )
        return Answers(found, tuple(p.column for p in record.problems))


Ask = Callable[..., Answers]
AskerFor = Callable[[Names, Names], Asker]


@pytest.fixture(scope="session")
def table() -> Table:
    """Open the committed table."""
    return load()


@pytest.fixture(scope="session")
def view(table: Table) -> View:
    """Show it under the default readings."""
    return table.view()


@pytest.fixture(scope="session")
def judge(table: Table) -> Judge:
    """Load the ontology under the default readings into HermiT."""
    return Judge(open_with(table.data["default_readings"]))


@pytest.fixture(scope="session")
def asker_for(table: Table) -> Iterator[AskerFor]:
    """Prepare the questions under the default readings, some switched on and some off."""

    @cache
    def asker(with_: Names = (), without: Names = ()) -> Asker:
        return Asker(table.view(with_=with_, without=without))

    yield asker
    asker.cache_clear()


@pytest.fixture
def ask(asker_for: AskerFor) -> Ask:
    """Ask a record under the default readings, some switched on and some off."""

    def asked(
        values: Values,
        names: Names = (),
        *,
        with_: Names = (),
        without: Names = (),
        settle: bool = True,
    ) -> Answers:
        return asker_for(with_, without).ask(values, names, settle=settle)

    return asked


@pytest.fixture(scope="session")
def graph() -> Graph:
    """Open axioms, advice and facts."""
    return open_graph()


@pytest.fixture(scope="session")
def facts() -> Graph:
    """Load the facts alone."""
    return load_facts(HOME / "facts")


@pytest.fixture(scope="session")
def store(graph: Graph) -> Store:
    """Load the graph into the embedded engine."""
    return open_store(graph)


@pytest.fixture(scope="session")
def engine(store: Store) -> Embedded:
    """Ask the embedded engine."""
    return Embedded(store)


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """Serve under short limits, one endpoint for all tests that leave it whole."""
    from endpoint_server import QUEUE, RESULT_BYTES, SECONDS, WORKERS, Server

    running = Server(seconds=SECONDS, result_bytes=RESULT_BYTES, workers=WORKERS, queue=QUEUE)
    yield running
    running.close()


@pytest.fixture
def whole(server: Server) -> Iterator[Server]:
    """Serve, and find every worker in place before and after."""
    server.until_whole()
    yield server
    server.until_whole()


@pytest.fixture(scope="session")
def held() -> Holdings:
    """Open what the pages answer from."""
    from queries.web.holdings import Holdings

    return Holdings()


@pytest.fixture(scope="session")
def knowledge(held: Holdings) -> Knowledge:
    """Open RALLO under its default readings."""
    return held.knowledge()


@pytest.fixture(scope="session")
def client(held: Holdings) -> Iterator[TestClient]:
    """Serve the pages alone."""
    from starlette.applications import Starlette
    from starlette.testclient import TestClient

    from queries.web.routes import page_routes

    app = Starlette(routes=page_routes())
    app.state.holdings = held
    with TestClient(app) as client:
        yield client


@pytest.fixture(scope="session")
def read(client: TestClient) -> Callable[[str], Page]:
    """Read a page that there is."""
    from web_reader import Page

    def got(address: str) -> Page:
        response = client.get(address)
        assert response.status_code == 200, (address, response.status_code)
        return Page(response.text)

    return got


@pytest.fixture(scope="session")
def built_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the documentation, once for all its tests; return its folder."""
    from queries.site.building import build_site

    folder = tmp_path_factory.mktemp("site") / "docs"
    build_site(folder)
    return folder
