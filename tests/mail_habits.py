"""Habits of providers (各家邮箱的脾气), imitated by a proxy in front of the real server.

`habit_of(servers, habit)` gives the port of such a proxy. A habit is made anew for every connection; what is to last
longer, such as how many connections there were, is a list that the test hands in.
"""

from __future__ import annotations

import re
import socket
import socketserver
import ssl
import threading
import time
from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Final

from tests.mail_servers import HOST, MailServers, server_tls

CHUNK: Final = 65536
PATIENCE: Final = 20


class Habit:
    """Passes everything on."""

    def instead(self, line: bytes) -> bytes | None:
        """The answer to a command that does not reach the server; None: it does."""
        return None

    def asked(self, line: bytes) -> bytes:
        """The command as it reaches the server."""
        return line

    def answered(self, chunk: bytes) -> bytes:
        """The server's bytes as they reach the client.

        Raises:
            ConnectionAbortedError: after this the connection is dropped; its first argument still goes out.
        """
        return chunk

    def upgrades(self, line: bytes) -> bool:
        """Whether the proxy itself starts TLS at this command."""
        return False


class UnsafeLogin(Habit):
    """163 and 126: no folder is opened before the client has said after its login who it is."""

    def __init__(self, heard: list[bytes]) -> None:
        self.heard = heard
        self.logged_in = self.introduced = False

    def instead(self, line: bytes) -> bytes | None:
        tag, command = words(line)[:2]
        self.heard.append(command)
        if command == b"LOGIN":
            self.logged_in = True
        if command == b"ID":
            self.introduced = self.logged_in
        if command in {b"SELECT", b"EXAMINE"} and not self.introduced:
            return tag + b" NO " + command + b" Unsafe Login. Please contact kefu@188.com for help\r\n"
        return None


class NoTextSearch(Habit):
    """QQ: a search for text, or in a named character set, is an invalid argument."""

    def instead(self, line: bytes) -> bytes | None:
        said = words(line)
        if b"SEARCH" in said and {b"TEXT", b"CHARSET", b"SUBJECT", b"BODY"} & set(said):
            return said[0] + b" BAD UID SEARCH invalid argument\r\n"
        return None


class Exchange(Habit):
    """Exchange: no login before STARTTLS, no ID, thoughtful, and a FETCH answered with more than was asked for."""

    def __init__(self, heard: list[bytes]) -> None:
        self.heard = heard
        self.over_tls = False

    def instead(self, line: bytes) -> bytes | None:
        tag, command = words(line)[:2]
        self.heard.append(command)
        time.sleep(0.02)
        if command == b"ID":
            return tag + b" BAD Command Error. 12\r\n"
        if command == b"LOGIN" and not self.over_tls:
            return tag + b" NO LOGIN is disabled.\r\n"
        return None

    def asked(self, line: bytes) -> bytes:
        return line.replace(b"(BODY.PEEK[])", b"(FLAGS BODY.PEEK[] UID RFC822.SIZE)")

    def answered(self, chunk: bytes) -> bytes:
        more = b"" if self.over_tls else b" STARTTLS LOGINDISABLED"
        return re.sub(
            rb"CAPABILITY IMAP4rev1[^\]\r]*", b"CAPABILITY IMAP4 IMAP4rev1 AUTH=NTLM UIDPLUS IDLE" + more, chunk
        )

    def upgrades(self, line: bytes) -> bool:
        self.over_tls = self.over_tls or words(line)[1] == b"STARTTLS"
        return words(line)[1] == b"STARTTLS"


class NoTls(Habit):
    """A server without STARTTLS, or somebody in between who hides it."""

    def __init__(self, heard: list[bytes]) -> None:
        self.heard = heard

    def instead(self, line: bytes) -> bytes | None:
        self.heard.append(words(line)[1])
        return None

    def answered(self, chunk: bytes) -> bytes:
        return chunk.replace(b" STARTTLS", b"")


class HangsUp(Habit):
    """A server that drops the connection after some commands, or after some bytes of its own."""

    def __init__(self, connections: list[int], *, commands: int | None = None, size: int | None = None) -> None:
        connections.append(1)
        self.commands, self.size = commands, size

    def instead(self, line: bytes) -> bytes | None:
        if self.commands is not None:
            self.commands -= 1
            if self.commands < 0:
                raise ConnectionAbortedError(b"")
        return None

    def answered(self, chunk: bytes) -> bytes:
        if self.size is not None:
            self.size -= len(chunk)
            if self.size < 0:
                raise ConnectionAbortedError(chunk[: self.size])
        return chunk


class Ghosts(Habit):
    """SEARCH names mails that are no longer there."""

    def __init__(self, ghosts: bytes) -> None:
        self.ghosts = ghosts
        self.first = True

    def answered(self, chunk: bytes) -> bytes:
        if self.first and b"* SEARCH" in chunk:
            self.first = False
            return chunk.replace(b"* SEARCH", b"* SEARCH " + self.ghosts)
        return chunk


class Answers(Habit):
    """One command, known by a pattern, gets an answer of our own; TAG stands for its tag."""

    def __init__(self, pattern: bytes, answer: bytes) -> None:
        self.pattern, self.answer = pattern, answer

    def instead(self, line: bytes) -> bytes | None:
        if not re.search(self.pattern, line):
            return None
        return self.answer.replace(b"TAG", words(line)[0]).replace(b"LINE", line.strip())


def words(line: bytes) -> list[bytes]:
    """A command as words in capitals, at least two; the tag as it was."""
    said = [*line.split(), b"", b""]
    return [said[0], *(word.upper() for word in said[1:])]


@contextmanager
def habit_of(servers: MailServers, habit: Callable[[], Habit]) -> Generator[int]:
    """The port of a proxy before the plain IMAP server that has this habit."""

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            with suppress(OSError):
                _Conversation(self.request, servers.imap["none"], habit(), servers.room).hold()

    class Server(socketserver.ThreadingTCPServer):
        allow_reuse_address = True

    server = Server((HOST, 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Conversation:
    """One connection through the proxy."""

    def __init__(self, client: socket.socket, port: int, habit: Habit, room: Path) -> None:
        self.client, self.port, self.habit, self.room = client, port, habit, room
        self.dropped = False

    def hold(self) -> None:
        with ExitStack() as stack:
            self.client.settimeout(PATIENCE)
            server = stack.enter_context(socket.create_connection((HOST, self.port), timeout=PATIENCE))
            pump = threading.Thread(target=self._pump, args=(server,))
            pump.start()
            stack.callback(pump.join)
            stack.callback(_end, server)
            self._listen(server)
            _end(self.client)
            self.client.close()

    def _listen(self, server: socket.socket) -> None:
        lines = self.client.makefile("rb")
        try:
            while not self.dropped and (line := lines.readline()):
                if self.habit.upgrades(line):
                    self.client.sendall(words(line)[0] + b" OK Begin TLS negotiation now.\r\n")
                    lines.close()
                    self.client = server_tls(self.room).wrap_socket(self.client, server_side=True)
                    lines = self.client.makefile("rb")
                    continue
                own = self.habit.instead(line)
                if own is not None:
                    self.client.sendall(own)
                else:
                    server.sendall(self.habit.asked(line))
        except (OSError, ssl.SSLError):
            return
        finally:
            lines.close()

    def _pump(self, server: socket.socket) -> None:
        with suppress(OSError):
            while chunk := server.recv(CHUNK):
                try:
                    self.client.sendall(self.habit.answered(chunk))
                except ConnectionAbortedError as end:
                    self.client.sendall(end.args[0])
                    break
        self.dropped = True
        _end(self.client)


def _end(connection: socket.socket) -> None:
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
