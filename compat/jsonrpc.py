"""An MCP server in a process of its own, called with JSON-RPC over its standard input and output."""

import json
import subprocess
from collections.abc import Callable
from contextlib import contextmanager

from client import Program


class Tools:
    """The tools of a running server. `wrap` converts the arguments of a call."""

    def __init__(self, process: subprocess.Popen, wrap: Callable[[dict], dict]) -> None:
        self.process = process
        self.wrap = wrap
        self.calls = 0

    def request(self, method: str, params: dict) -> dict:
        self.calls += 1
        self.send({"id": self.calls, "method": method, "params": params})
        response = self.receive()
        # A notification, such as a log message, has no ID.
        while "id" not in response:
            response = self.receive()
        assert response["id"] == self.calls and "result" in response, response
        return response["result"]

    def receive(self) -> dict:
        line = self.process.stdout.readline()
        assert line, "the server ended"
        return json.loads(line)

    def send(self, message: dict) -> None:
        self.process.stdin.write(json.dumps({"jsonrpc": "2.0"} | message) + "\n")
        self.process.stdin.flush()

    def succeed(self, tool: str, /, **arguments):
        """Calls a tool, requires success, and returns the result."""
        text, failed = self.call(tool, arguments)
        assert not failed, f"{tool}: {text}"
        return json.loads(text)

    def fail(self, tool: str, /, **arguments) -> str:
        """Calls a tool, requires a failure, and returns the message."""
        text, failed = self.call(tool, arguments)
        assert failed, f"{tool}: {text}"
        return text

    def call(self, tool: str, arguments: dict) -> tuple[str, bool]:
        result = self.request("tools/call", {"name": tool, "arguments": self.wrap(arguments)})
        # The result of a tool without one is empty.
        text = result["content"][0]["text"] if result["content"] else "null"
        return text, result.get("isError", False)


@contextmanager
def serve(program: Program, wrap: Callable[[dict], dict] = dict, *options: str):
    """Runs a server until the end of the block."""
    with subprocess.Popen(
        [program.path, *options],
        cwd=program.home,
        env=program.environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        server = Tools(process, wrap)
        info = {"name": "compat", "version": "1"}
        server.request("initialize", {"protocolVersion": "2025-03-26", "capabilities": {}, "clientInfo": info})
        server.send({"method": "notifications/initialized"})
        try:
            yield server
        finally:
            process.stdin.close()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
