"""Runs a client generated from openapi.json. `scripts/test-openapi` runs it."""

import subprocess

import service


def main() -> None:
    with service.running() as users:
        command = ["node", "target/client/js/client.js", users.url, users.email, users.password]
        subprocess.run(command, cwd=service.ROOT, check=True)


if __name__ == "__main__":
    main()
