"""Runs the client that is generated from openapi.json. `scripts/openapi` does."""

import subprocess

import service


def main() -> None:
    with service.running() as users:
        command = ["node", "target/client/js/client.js", users.url, users.email, users.password]
        subprocess.run(command, cwd=service.ROOT, check=True)


if __name__ == "__main__":
    main()
