"""Starts a function with stand-ins for the Lambda Runtime API and DynamoDB, and passes one event."""

import json
import os
import platform
import shutil
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from stage import Problem

REQUEST_ID = "8476a536-e9f4-11e8-9739-2dfe598c3fcd"
EVENT_HEADERS = {
    "Lambda-Runtime-Aws-Request-Id": REQUEST_ID,
    "Lambda-Runtime-Deadline-Ms": "4102444800000",
    "Lambda-Runtime-Invoked-Function-Arn": "arn:aws:lambda:local:0:function:release",
    "Content-Type": "application/json",
}
# Not retried by clients, so a function responds at once.
NO_TABLE = json.dumps({"__type": "com.amazonaws.dynamodb.v20120810#ResourceNotFoundException", "message": "no table"})
TIMEOUT_SECONDS = 30


class StandIn(ThreadingHTTPServer):
    """Passes one event to a function and keeps the response."""

    daemon_threads = True

    def __init__(self, event: bytes):
        super().__init__(("127.0.0.1", 0), Handler)
        self.event, self.response, self.passed, self.done = event, b"", False, threading.Event()

    def handle_error(self, request, client_address) -> None:
        """Ignores a connection closed by the end of the function."""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_) -> None:
        """Writes no log."""

    def reply(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self) -> None:
        if self.server.passed:
            self.server.done.wait(TIMEOUT_SECONDS)
            self.close_connection = True
            return
        self.server.passed = True
        self.reply(200, self.server.event, EVENT_HEADERS)

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length) if length else read_chunks(self.rfile)
        if self.path.startswith("/2018-06-01/runtime/"):
            self.reply(202, b"{}", {"Content-Type": "application/json"})
            self.server.response = body if self.path.endswith("/response") else b""
            self.server.done.set()
        else:
            self.reply(400, NO_TABLE.encode(), {"Content-Type": "application/x-amz-json-1.0"})


def read_chunks(stream) -> bytes:
    """A body in chunked transfer coding."""
    body = b""
    while size := int(stream.readline().split(b";")[0], 16):
        body += stream.read(size)
        stream.readline()
    stream.readline()
    return body


def runner(architecture: str) -> list[str] | None:
    """The command to run binaries of an architecture on this machine, or none."""
    names = {"x86_64": "x86_64", "amd64": "x86_64", "aarch64": "arm64", "arm64": "arm64"}
    if names.get(platform.machine().lower()) == architecture:
        return []
    emulator = {"arm64": "qemu-aarch64", "x86_64": "qemu-x86_64"}.get(architecture, "")
    found = shutil.which(f"{emulator}-static") or shutil.which(emulator)
    return [found] if found else None


def status(command: list[str], binary: Path, event: bytes) -> int:
    """The status of a function's response to an event."""
    server = StandIn(event)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    address = f"127.0.0.1:{server.server_port}"
    variables = {
        "AWS_LAMBDA_RUNTIME_API": address,
        "AWS_LAMBDA_FUNCTION_NAME": "release",
        "AWS_LAMBDA_FUNCTION_VERSION": "1",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256",
        "AWS_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "release",
        "AWS_SECRET_ACCESS_KEY": "release",
        "AWS_ENDPOINT_URL": f"http://{address}",
        "TABLE_NAME": "users",
        "SETUP_TOKEN": "a setup token for a check",
    }
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "QEMU_LD_PREFIX", "QEMU_CPU")}
    process = subprocess.Popen([*command, binary], env=kept | variables, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        waiting = threading.Thread(target=lambda: (process.wait(), server.done.set()), daemon=True)
        waiting.start()
        server.done.wait(TIMEOUT_SECONDS)
        if server.response:
            return json.loads(server.response)["statusCode"]
    finally:
        process.kill()
        log, _ = process.communicate()
        server.shutdown()
        server.server_close()
    raise Problem(f"{binary.parent.name} does not respond to an event: {log.decode(errors='replace').strip()[-400:] or 'no output'}")
