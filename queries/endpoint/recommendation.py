"""The route that answers one described relapse; nothing of it is kept or logged."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import partial
from typing import Any

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from loaders.cohort import as_text
from queries.endpoint.protocol import JSON, media_type, parse_pairs, read_body
from queries.endpoint.refusals import Refusal, busy
from queries.endpoint.service import Service, service_of
from reasoner.dates import read_last_day
from reasoner.intake import InputError
from reasoner.table import ReadingError

WITH, WITHOUT, AS_OF = "with", "without", "as_of"


async def recommend(request: Request) -> Response:
    """Answer one relapse, given as a JSON object of input columns.

    Raises:
        Refusal: the body is no such object, or a reading or date is not known.
    """
    service = service_of(request)
    media_type(request, (JSON,))
    settings = parse_pairs(request.scope["query_string"], service.limits)
    values = _relapse(await read_body(request, service.limits))
    if service.thinking.statistics().tasks_waiting >= service.limits.queue:
        raise busy()
    answer = await to_thread.run_sync(
        partial(_answer, service, settings, values), limiter=service.thinking
    )
    return JSONResponse(answer, headers={"Cache-Control": "no-store"})


def _relapse(body: bytes) -> dict[str, str]:
    """Read the columns of a relapse; no message repeats anything of them."""
    try:
        data = json.loads(
            body, parse_float=str, parse_int=str, parse_constant=str, object_pairs_hook=_once
        )
    except _RepeatedError:
        raise Refusal(400, "a column is named twice") from None
    except (ValueError, RecursionError):
        raise Refusal(400, "not valid JSON") from None
    if not isinstance(data, dict):
        raise Refusal(400, "a relapse is an object of columns and values")
    try:
        return {column: as_text(value) for column, value in data.items()}
    except TypeError as error:
        raise Refusal(400, str(error)) from None
    except UnicodeError:
        raise Refusal(400, "not UTF-8 text") from None


class _RepeatedError(Exception):
    """Say that a key stands twice in one object."""


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise _RepeatedError
    return found


def _answer(
    service: Service, settings: list[tuple[str, str]], values: Mapping[str, str]
) -> dict[str, Any]:
    with_, without, dates = ([v for k, v in settings if k == n] for n in (WITH, WITHOUT, AS_OF))
    if len(with_) + len(without) + len(dates) < len(settings) or len(dates) > 1:
        raise Refusal(400, f"parameters: allowed: {WITH}, {WITHOUT}, and once {AS_OF}")
    for text in dates:
        try:
            read_last_day(text)
        except InputError as error:
            raise Refusal(400, f"{AS_OF}: allowed: {error}") from None
    try:
        knowledge = service.knowledge(tuple(sorted(set(with_))), tuple(sorted(set(without))))
    except ReadingError as error:
        raise Refusal(400, str(error)) from None
    intake = knowledge.intake
    if values and not values.keys() & {*intake.columns, *intake.dimensions}:
        raise Refusal(400, f"none of these columns is there: {', '.join(intake.columns)}")
    return knowledge.recommend(values, as_of=dates[0] if dates else None)
