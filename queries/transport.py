"""HTTP to a server elsewhere: limits, credentials on demand, no redirect, errors told in a line.

User and password are read from the environment alone, and go only to the address they were asked
for by; the server says whether it wants them as digest or basic.
"""

from __future__ import annotations

import os
import re
import socket
from base64 import b64encode
from contextlib import suppress
from email.message import Message
from http.client import (
    HTTPConnection,
    HTTPException,
    HTTPResponse,
    HTTPSConnection,
    IncompleteRead,
)
from threading import Timer
from time import monotonic
from typing import IO, Any, NamedTuple, NoReturn
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit, urlunsplit
from urllib.request import (
    AbstractDigestAuthHandler,
    HTTPHandler,
    HTTPPasswordMgrWithDefaultRealm,
    HTTPRedirectHandler,
    HTTPSHandler,
    Request,
    build_opener,
    parse_http_list,
    parse_keqv_list,
)

from queries.results import EngineError, LostError, RefusedError

USER, PASSWORD = "RALLO_ENDPOINT_USER", "RALLO_ENDPOINT_PASSWORD"
SECONDS = 60.0
LARGEST = 256 * 1024 * 1024
_TOLD = 200
_CHUNK = 65536
_UNAUTHORISED = 401


class Reply(NamedTuple):
    """What a server answered under a status of success."""

    headers: Message
    body: bytes


def send(
    request: Request, seconds: float = SECONDS, asked: str = "", ahead: Request | None = None
) -> Reply:
    """Send a request and read the whole answer, within a time and a size.

    What was asked is never part of a message. Where the environment names a user, another request
    may go ahead, to hear in which way the server asks for one.

    Raises:
        LostError: no answer came, or not in time, or not whole.
        RefusedError: the server refused.
        EngineError: the server wants to send us elsewhere, or answers too much.
    """
    name = _name(request.full_url)
    first = ahead if ahead and os.environ.get(USER) else request
    try:
        try:
            reply = _exchange(first, seconds)
            return reply if first is request else _exchange(request, seconds)
        except HTTPError as error:
            if error.code == _UNAUTHORISED:
                with error:
                    _authorise(request, error)
            elif first is request:
                raise
            else:
                error.close()
        return _exchange(request, seconds)
    except HTTPError as error:
        with error:
            raise RefusedError(f"{name}: {_refusal(error, asked)}", error.code) from None
    except TimeoutError:
        raise LostError(f"{name}: no whole answer within {seconds:g} s") from None
    except (URLError, HTTPException, OSError) as error:
        reason = error.reason if isinstance(error, URLError) else error
        if isinstance(reason, TimeoutError):
            raise LostError(f"{name}: no whole answer within {seconds:g} s") from None
        told = getattr(reason, "strerror", None) or _first_line(reason)
        raise LostError(f"{name}: no whole answer ({told})") from None


def checked_url(url: str) -> str:
    """Return an address of HTTP that bears no credentials.

    Raises:
        EngineError: it is none.
    """
    try:
        parts = urlsplit(url)
        fit = parts.scheme in ("http", "https") and parts.hostname and (parts.port or True)
    except ValueError:
        fit = False
    if not fit:
        raise EngineError(f"{_name(url)!r}: allowed: an address that begins http:// or https://")
    if parts.username or parts.password:
        raise EngineError(f"{_name(url)}: credentials belong in {USER} and {PASSWORD}")
    return url


class _Watch:
    """Cut a connection when its time is over, however slowly bytes come in."""

    def __init__(self, seconds: float) -> None:
        self.end = monotonic() + seconds
        self.timers: list[Timer] = []

    @property
    def over(self) -> bool:
        return monotonic() >= self.end

    def over_connection(self, sock: socket.socket) -> None:
        timer = Timer(max(0.0, self.end - monotonic()), _cut, (sock,))
        timer.daemon = True
        self.timers.append(timer)
        timer.start()

    def stop(self) -> None:
        for timer in self.timers:
            timer.cancel()


def _cut(sock: socket.socket) -> None:
    with suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)


def _exchange(request: Request, seconds: float) -> Reply:
    watch = _Watch(seconds)

    class Plain(HTTPConnection):
        def connect(self) -> None:
            super().connect()
            watch.over_connection(self.sock)

    class Secure(HTTPSConnection):
        def connect(self) -> None:
            super().connect()
            watch.over_connection(self.sock)

    class PlainHandler(HTTPHandler):
        def http_open(self, req: Request) -> HTTPResponse:
            return self.do_open(Plain, req)

    class SecureHandler(HTTPSHandler):
        def https_open(self, req: Request) -> HTTPResponse:
            return self.do_open(Secure, req)

    opener = build_opener(PlainHandler, SecureHandler, _Stay)
    try:
        with opener.open(request, timeout=seconds) as response:
            body = bytearray()
            while chunk := response.read(_CHUNK):
                body += chunk
                if len(body) > LARGEST:
                    raise EngineError(
                        f"{_name(request.full_url)}: the answer is larger than {LARGEST} bytes"
                    )
            headers: Message = response.headers
            if response.length:  # reading piece by piece, http.client does not tell
                raise IncompleteRead(b"", response.length)
    except (HTTPException, OSError):
        if watch.over:
            raise TimeoutError from None
        raise
    finally:
        watch.stop()
    if watch.over:  # a body that is ended by the end of the connection looks whole when cut
        raise TimeoutError
    return Reply(headers, bytes(body))


class _Stay(HTTPRedirectHandler):
    """Follow no redirect: what was asked, and the credentials, go nowhere else."""

    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: Message, newurl: str
    ) -> NoReturn:
        fp.close()
        raise EngineError(
            f"{_name(req.full_url)}: redirects to {_name(newurl)}; give that address if it is meant"
        )


def _authorise(request: Request, error: HTTPError) -> None:
    """Add credentials in the way that the server asks for, digest before basic.

    Raises:
        EngineError: there are none, or the server knows no such way.
    """
    name = _name(request.full_url)
    user, password = os.environ.get(USER), os.environ.get(PASSWORD, "")
    if not user:
        raise EngineError(f"{name}: asks for a user; set {USER} and {PASSWORD}") from None
    ways: dict[str, str] = {}
    for header in error.headers.get_all("WWW-Authenticate") or ():
        kind, _, rest = header.strip().partition(" ")
        ways.setdefault(kind.lower(), rest)
    if "digest" in ways:
        known = HTTPPasswordMgrWithDefaultRealm()
        known.add_password(None, request.full_url, user, password)
        challenge = parse_keqv_list(list(filter(None, parse_http_list(ways["digest"]))))
        value: Any = None
        with suppress(ValueError):
            value = AbstractDigestAuthHandler(known).get_authorization(request, challenge)
        if value:
            request.add_unredirected_header("Authorization", f"Digest {value}")
            return
    if "basic" in ways:
        pair = b64encode(f"{user}:{password}".encode()).decode("ascii")
        request.add_unredirected_header("Authorization", f"Basic {pair}")
        return
    raise EngineError(f"{name}: asks for a user in a way that is not known here") from None


def _refusal(error: HTTPError, asked: str) -> str:
    """Tell status and first line of a refusal, without what was asked."""
    said = f"{error.code} {error.reason}".strip()
    if error.code == _UNAUTHORISED:
        return f"{said} (user or password not accepted)"
    text = ""
    if "html" not in (error.headers.get("Content-Type") or ""):
        with suppress(OSError, HTTPException):
            text = _first_line(error.read(_CHUNK).decode("utf-8", "replace"))
    for part in sorted(set(re.findall(r'"[^"\n]+"|<[^<>\s]+>|\S{5,}', asked)), key=len)[::-1]:
        text = text.replace(part, "…").replace(part.strip('"<>'), "…")
    return f"{said} ({text[:_TOLD]})" if text else said


def _first_line(said: object) -> str:
    text = str(said).strip() or type(said).__name__
    return text.splitlines()[0].strip()


def _name(url: str) -> str:
    """Write an address without credentials and without its query, which may hold what was asked."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "the address"
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))
