"""Somebody is told of a failed night only when the settings say so, and is told nothing about customers."""

from __future__ import annotations

import json
import socket
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_string
from email.policy import default
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from pipeline.config import Settings
from pipeline.notify import UndeliveredError, notify

SUBJECT, TEXT = "the nightly run failed", "Steps failed: ['core__orders_…'].\nSee the run."


class Webhook(BaseHTTPRequestHandler):
    """Keeps what is posted; answers with the status that the path names."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.received.append((self.path, self.headers["Content-Type"], body))
        self.send_response(int(self.path.strip("/")))
        self.end_headers()

    def log_message(self, *_parts: object) -> None:
        pass


class Mailbox(socketserver.StreamRequestHandler):
    """A mail server that keeps one message."""

    def handle(self) -> None:
        self._say("220 here")
        while line := self.rfile.readline().decode().strip():
            if line.upper() == "DATA":
                self._say("354 go on")
                lines = []
                while (text := self.rfile.readline().decode()) != ".\r\n":
                    lines.append(text)
                self.server.received.append("".join(lines))
            self._say("221 bye" if line.upper() == "QUIT" else "250 fine")
            if line.upper() == "QUIT":
                return

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


@contextmanager
def serving(server: socketserver.TCPServer) -> Iterator[socketserver.TCPServer]:
    server.received = []
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def webhook():
    with serving(HTTPServer(("127.0.0.1", 0), Webhook)) as server:
        yield server


@pytest.fixture
def mailbox():
    with serving(socketserver.TCPServer(("127.0.0.1", 0), Mailbox)) as server:
        yield server


@pytest.fixture
def refusing_port() -> int:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        return unused.getsockname()[1]


def settings(**told: object) -> Settings:
    return Settings.model_validate({"business": {"name": "Tea & Söhne"}, "notify": told})


def address(server: socketserver.TCPServer, status: int = 200) -> str:
    return f"http://127.0.0.1:{server.server_address[1]}/{status}"


def test_nothing_is_sent_unless_the_settings_say_where(monkeypatch) -> None:
    reached = []
    monkeypatch.setattr(socket.socket, "connect", lambda _socket, place: reached.append(place))
    assert notify(Settings(), SUBJECT, TEXT) == []
    assert notify(settings(smtp_host="mail.example.com", smtp_port=2525), SUBJECT, TEXT) == []
    assert reached == []


def test_a_webhook_receives_the_message_as_json(webhook) -> None:
    assert notify(settings(webhook=address(webhook)), SUBJECT, TEXT) == ["webhook"]
    [(path, kind, body)] = webhook.received
    assert (path, kind) == ("/200", "application/json")
    assert json.loads(body) == {"business": "Tea & Söhne", "subject": SUBJECT, "text": TEXT}


def test_a_mailbox_receives_the_message(mailbox) -> None:
    told = notify(
        settings(email_to="ops@shop.example", smtp_port=mailbox.server_address[1], email_from="journeys@shop.example"),
        SUBJECT,
        "Steps failed.",
    )
    assert told == ["e-mail"]
    message = message_from_string(mailbox.received[0], policy=default)
    assert (message["To"], message["From"]) == ("ops@shop.example", "journeys@shop.example")
    assert message.get_content().strip() == "Steps failed."
    assert message["Subject"] == "Tea & Söhne: the nightly run failed"


@pytest.mark.parametrize("status", [404, 500])
def test_a_webhook_that_answers_with_an_error_was_not_told(status, webhook) -> None:
    with pytest.raises(UndeliveredError, match=rf"journeys\.yaml: notify\.webhook: .*{status}"):
        notify(settings(webhook=address(webhook, status)), SUBJECT, TEXT)


def test_one_place_that_cannot_be_reached_keeps_no_other_from_being_told(mailbox, refusing_port) -> None:
    wanted = settings(
        webhook=f"http://127.0.0.1:{refusing_port}/secret-token",
        email_to="ops@shop.example",
        smtp_port=mailbox.server_address[1],
    )
    with pytest.raises(UndeliveredError) as caught:
        notify(wanted, SUBJECT, TEXT)
    assert len(mailbox.received) == 1
    [problem] = caught.value.problems
    assert problem.where == "journeys.yaml: notify.webhook"
    assert "secret-token" not in str(caught.value)


def test_everything_that_could_not_be_reached_is_named(refusing_port) -> None:
    wanted = settings(webhook=f"http://127.0.0.1:{refusing_port}", email_to="ops@shop.example", smtp_port=refusing_port)
    with pytest.raises(UndeliveredError) as caught:
        notify(wanted, SUBJECT, TEXT)
    assert [problem.where for problem in caught.value.problems] == [
        "journeys.yaml: notify.webhook",
        "journeys.yaml: notify.email_to",
    ]


def test_a_server_that_speaks_no_http_was_not_told(mailbox) -> None:
    with pytest.raises(UndeliveredError, match="220 here"):
        notify(settings(webhook=address(mailbox)), SUBJECT, TEXT)
