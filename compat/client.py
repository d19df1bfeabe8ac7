"""A client, its programs, and which of its operations were tried."""

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
    """One client at the version that is installed."""

    name: str
    version: str
    tried: list[str] = field(default_factory=list)

    @contextmanager
    def operation(self, name: str):
        """Everything inside belongs to one operation. What fails tells which."""
        try:
            yield
        except Exception as error:
            raise AssertionError(f"{self.name}: `{name}` does not work") from error
        self.tried.append(name)


@dataclass
class Program:
    """A client's command line, in a home of its own and without any setting of the caller's."""

    path: Path
    home: Path
    variables: dict[str, str] = field(default_factory=dict)

    def environment(self) -> dict[str, str]:
        home = {"HOME": str(self.home), "XDG_CONFIG_HOME": str(self.home)}
        return {"PATH": os.environ["PATH"], "NO_COLOR": "1"} | home | self.variables

    def run(self, *arguments: str | Path) -> subprocess.CompletedProcess:
        # Some read their input when it is no terminal, and want a pipe then.
        return subprocess.run(
            [self.path, *arguments],
            env=self.environment(),
            input="",
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def done(self, *arguments: str | Path) -> str:
        """What a command that must succeed says."""
        process = self.run(*arguments)
        assert process.returncode == 0, process.stdout + process.stderr
        return process.stdout

    def refused(self, *arguments: str | Path) -> str:
        """What a command that must fail says."""
        process = self.run(*arguments)
        assert process.returncode != 0, process.stdout
        return process.stdout + process.stderr
