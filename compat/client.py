"""A tested client, its programs and its operations."""

import os
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from service import ROOT

PYTHON = ROOT / "target/tools/compat/bin"
NODE = ROOT / "target/tools/compat-node"


@dataclass
class Client:
    """An installed client with its version and the operations run so far."""

    name: str
    version: str
    operations: list[str] = field(default_factory=list)

    @contextmanager
    def operation(self, name: str):
        """Runs the body as one operation. A failure contains the name of the operation."""
        try:
            yield
        except Exception as error:
            raise AssertionError(f"{self.name}: `{name}` does not work") from error
        self.operations.append(name)


@dataclass
class Program:
    """The command line of a client, with an own home directory and a minimal environment."""

    path: Path
    home: Path
    variables: dict[str, str] = field(default_factory=dict)

    def with_variables(self, **variables: str) -> "Program":
        return Program(self.path, self.home, self.variables | variables)

    def environment(self) -> dict[str, str]:
        home = {"HOME": str(self.home), "XDG_CONFIG_HOME": str(self.home)}
        return {"PATH": os.environ["PATH"], "NO_COLOR": "1"} | home | self.variables

    def run(self, *arguments: str | Path) -> subprocess.CompletedProcess:
        # Some programs read their input if it is not a terminal, and expect a pipe.
        return subprocess.run(
            [self.path, *arguments],
            env=self.environment(),
            input="",
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def succeed(self, *arguments: str | Path) -> str:
        """Runs a command, requires success, and returns the output."""
        process = self.run(*arguments)
        assert process.returncode == 0, process.stdout + process.stderr
        return process.stdout

    def fail(self, *arguments: str | Path) -> str:
        """Runs a command, requires a failure, and returns the output and the errors."""
        process = self.run(*arguments)
        assert process.returncode != 0, process.stdout
        return process.stdout + process.stderr
