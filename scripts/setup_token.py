"""Creates the secret with the setup token, if it does not exist.

Usage: python scripts/setup_token.py <name>
"""

import secrets
import sys

import boto3

name = sys.argv[1]
manager = boto3.client("secretsmanager")
try:
    manager.create_secret(
        Name=name,
        SecretString=secrets.token_urlsafe(32),
        Description="Setup token for POST /api/setup. Not needed after setup.",
    )
    print(f"Created the secret {name} with a new setup token.")
except manager.exceptions.ResourceExistsException:
    print(f"The secret {name} with the setup token exists.")
