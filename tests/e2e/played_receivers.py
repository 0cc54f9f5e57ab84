"""PagerDuty, Slack, and the subscribers of the topics of SNS, as far as Alertmanager tells them."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

PAGERDUTY = "/v2/enqueue"
SLACK = "/services/T0/B0/of-the-test"


@dataclass(frozen=True)
class Message:
    """What a receiver got, and when (seconds of the system's clock)."""

    at: float
    body: dict[str, Any]


@dataclass
class Receivers:
    """PagerDuty and Slack on one server."""

    url: str = ""
    got: dict[str, list[Message]] = field(default_factory=lambda: {PAGERDUTY: [], SLACK: []})

    @property
    def pagerduty(self) -> list[Message]:
        """Events, in order."""
        return self.got[PAGERDUTY]

    @property
    def slack(self) -> list[Message]:
        """Messages, in order."""
        return self.got[SLACK]


@contextmanager
def receivers() -> Iterator[Receivers]:
    """Serve PagerDuty's Events API v2 and a webhook of Slack's."""
    played = Receivers()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers["Content-Length"]))
            if self.path in played.got:
                played.got[self.path].append(Message(time.time(), json.loads(content)))
            answers = {PAGERDUTY: (202, b'{"status": "success"}'), SLACK: (200, b"ok")}
            status, data = answers.get(self.path, (404, b"no such path"))
            self.send_response(status)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    played.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield played
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class Subscriber:
    """A queue that is subscribed to a topic of the embedded AWS."""

    def __init__(self, sns: Any, sqs: Any, topic_arn: str) -> None:
        name = topic_arn.rsplit(":", 1)[1]
        assert sns.create_topic(Name=name)["TopicArn"] == topic_arn, f"{topic_arn} is of another account or region"
        self.sqs = sqs
        self.queue = sqs.create_queue(QueueName=f"subscriber-{name}")["QueueUrl"]
        attributes = sqs.get_queue_attributes(QueueUrl=self.queue, AttributeNames=["QueueArn"])["Attributes"]
        sns.subscribe(TopicArn=topic_arn, Protocol="sqs", Endpoint=attributes["QueueArn"])
        self._got: list[Message] = []

    @property
    def got(self) -> list[Message]:
        """Everything that was published so far, in order; with the time at which SNS got it."""
        while messages := self.sqs.receive_message(QueueUrl=self.queue, MaxNumberOfMessages=10).get("Messages"):
            for message in messages:
                body = json.loads(message["Body"])
                self._got.append(Message(datetime.fromisoformat(body["Timestamp"]).timestamp(), body))
                self.sqs.delete_message(QueueUrl=self.queue, ReceiptHandle=message["ReceiptHandle"])
        self._got.sort(key=lambda message: message.at)
        return self._got
