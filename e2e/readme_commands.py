"""Runs the commands of docs/tour.md and README.md as written. `scripts/test-readme` runs it.

Checks the status of every request. The tour must use every route, and only options of curl 7.74.
Runs the tour as a script, and also pasted into interactive bash and zsh.
"""

import json
import os
import pty
import re
import select
import shlex
import shutil
import subprocess
import tempfile
from contextlib import ExitStack
from pathlib import Path
from threading import Timer

import service

# Records the options and the result of each curl command, and prints the response as curl does.
RECORD = """
curl() {
  : >body
  for word in "$@"; do
    case $word in -*) printf '%s\\n' "$word" >>options ;; esac
  done
  command curl --silent --show-error --output body \\
    --write-out '%{method} %{url_effective} %{http_code}\\n' "$@" >>requests
  cat body
}
"""
# Options of curl 7.74. Debian 11 and Ubuntu 22.04 have no `--json`, an option of curl 7.82.
CURL_OPTIONS = set("dHisX")
# Interactive shells without the configuration of the machine.
INTERACTIVE = {"bash": ["--noprofile", "--rcfile", ".zshrc", "-i"], "zsh": ["-d", "-i"]}
SECONDS_PER_BLOCK = 60

DOCUMENT = json.loads((service.ROOT / "openapi.json").read_text())
README = (service.ROOT / "README.md").read_text()


def main() -> None:
    check_banner()
    used = tour(run_script)
    check(used)
    missing = routes() - {route(request) for request, _ in used}
    assert not missing, f"docs/tour.md does not use {missing}"
    print(f"tour: {len(used)} requests of docs/tour.md use every route with an effect")
    for shell in INTERACTIVE:
        if not shutil.which(shell):
            print(f"tour: skipped {shell}, which is not installed")
            continue
        pasted = tour(lambda blocks, folder: paste(shell, blocks, folder))
        assert shape(pasted) == shape(used), f"{shell}: {pasted}"
        print(f"tour: pasted into interactive {shell}")
    commands = readme()
    check(commands)
    print(f"tour: {len(commands)} curl commands of README.md work")


def code_blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)


def check_banner() -> None:
    """README.md must show the output of `cargo run`, with `…` for each secret."""
    (shown,) = (block for block in code_blocks(README, "text") if block.startswith("listening on"))
    command = ["cargo", "run", "--quiet", "--locked", "--", "--in-memory", "--port", "0"]
    expected = re.escape(shown).replace("…", r"\S+").replace(":3000", r":\d+")
    with subprocess.Popen(
        command, cwd=service.ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        # A shorter output must fail, not wait.
        timer = Timer(SECONDS_PER_BLOCK, process.terminate)
        timer.start()
        printed = "".join(process.stdout.readline() for _ in shown.splitlines())
        timer.cancel()
        process.terminate()
    difference = f"README.md shows\n{shown}\nbut `cargo run` prints\n{printed}"
    assert re.fullmatch(expected, printed), difference


def tour(run) -> list[tuple[str, int]]:
    """Runs the blocks of docs/tour.md against new services and returns the requests."""
    blocks = code_blocks((service.ROOT / "docs/tour.md").read_text(), "sh")
    (start,) = (block for block in blocks if block.startswith("cargo run -- "))
    options = start.removeprefix("cargo run -- --in-memory --port 3001 ")
    assert options != start, f"docs/tour.md: {start}"
    with ExitStack() as stack:
        users = stack.enter_context(service.running())
        new = stack.enter_context(service.running("documented", *shlex.split(options)))
        replacements = {
            "SESSION=…": f"SESSION={users.session}",
            "API=http://127.0.0.1:3000": f"API={users.url}",
            "API=http://127.0.0.1:3001": f"API={new.url}",
        }
        commands = [replaced(block, replacements) for block in blocks if block != start]
        with tempfile.TemporaryDirectory() as folder:
            run(commands, Path(folder))
            return recorded(Path(folder))


def readme() -> list[tuple[str, int]]:
    """Runs the curl commands of README.md and returns the requests."""
    code = "".join(code_blocks(README, r"\w+"))
    commands = re.findall(r"^ *(curl (?:[^\n]*\\\n)*[^\n]*\n)", code, re.MULTILINE)
    with ExitStack() as stack:
        users = stack.enter_context(service.running())
        new = stack.enter_context(service.running("documented", "--no-admin", "--setup-token", "T"))
        replacements = {
            "X-Metabase-Session: …": f"X-Metabase-Session: {users.session}",
            "http://127.0.0.1:3000": users.url,
        }
        with tempfile.TemporaryDirectory() as folder:
            variables = f"API={new.url}\nTOKEN=T\n"
            run_script([variables, *(replaced(c, replacements) for c in commands)], Path(folder))
            return recorded(Path(folder))


def replaced(text: str, replacements: dict[str, str]) -> str:
    for old, new in replacements.items():
        text = text.replace(old, new)
    return text


def run_script(blocks: list[str], folder: Path) -> None:
    script = "set -eu\n" + RECORD + "".join(blocks)
    subprocess.run(["bash", "-c", script], cwd=folder, stdout=subprocess.DEVNULL, check=True)


def paste(shell: str, blocks: list[str], folder: Path) -> None:
    """Types the blocks into an interactive shell on a terminal of its own."""
    (folder / ".zshrc").write_text(RECORD)
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(folder)
        variables = {"HOME": str(folder), "ZDOTDIR": str(folder), "TERM": "dumb"}
        os.execvpe(shell, [shell, *INTERACTIVE[shell]], os.environ | variables)
    try:
        for number, block in enumerate(blocks):
            end = f"printf 'block %s ended\\n' {number}\n"
            os.write(terminal, (block + end).encode())
            read_until(terminal, f"block {number} ended\r\n", block)
        os.write(terminal, b"exit\n")
    finally:
        # A shell without its terminal ends.
        os.close(terminal)
        os.waitpid(pid, 0)


def read_until(terminal: int, end: str, block: str) -> None:
    output = b""
    while end.encode() not in output:
        readable, _, _ = select.select([terminal], [], [], SECONDS_PER_BLOCK)
        assert readable, f"the shell waits after\n{block}\nIts output:\n{output.decode()}"
        output += os.read(terminal, 65536)


def recorded(folder: Path) -> list[tuple[str, int]]:
    """The requests of the commands, without the address of the service, and their statuses."""
    options = set((folder / "options").read_text().split())
    unknown = {option for option in options if not set(option[1:]) <= CURL_OPTIONS}
    assert not unknown, f"{unknown} must be options of curl 7.74, and listed in CURL_OPTIONS"
    lines = [line.split() for line in (folder / "requests").read_text().splitlines()]
    return [(f"{method} {path_of(url)}", int(status)) for method, url, status in lines]


def path_of(url: str) -> str:
    return re.sub(r"^http://[^/]+|\?.*", "", url)


def check(used: list[tuple[str, int]]) -> None:
    wrong = [(request, status) for request, status in used if status != expected(request)]
    assert not wrong, f"unexpected statuses: {wrong}"


def expected(request: str) -> int:
    """The status of a success. A route without one is a paid feature."""
    method, path = route(request).split()
    responses = DOCUMENT["paths"][path][method.lower()]["responses"]
    # An administrator replacing the password of another user gets 204, and the user 200.
    return next(status for status in (204, 200, 402) if str(status) in responses)


def route(request: str) -> str:
    method, path = request.split()
    fits = (p for p in DOCUMENT["paths"] if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", p), path))
    return f"{method} {min(fits, key=lambda template: template.count('{'))}"


def shape(used: list[tuple[str, int]]) -> list[tuple[str, int]]:
    """The requests without their IDs."""
    return [(route(request), status) for request, status in used]


def routes() -> set[str]:
    """Every route with an effect. The tour may leave out reads, and routes for emails."""
    paths, reads = DOCUMENT["paths"].items(), ("get", "head")
    every = {f"{m.upper()} {path}" for path, methods in paths for m in methods if m not in reads}
    links = {f"POST /api/user/{name}-email" for name in ("confirm", "revert")}
    # The services of the tour have no mail settings.
    return every - links - {"POST /api/email/test"}


if __name__ == "__main__":
    main()
