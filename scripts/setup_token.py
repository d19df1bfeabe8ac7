"""Makes the secret that holds the setup token, unless it is there: python scripts/setup_token.py <name>."""

import secrets
import sys

import boto3

name = sys.argv[1]
manager = boto3.client("secretsmanager")
try:
    manager.create_secret(
        Name=name,
        SecretString=secrets.token_urlsafe(32),
        Description="What POST /api/setup asks for, once. Not needed any more when the instance is set up.",
    )
    print(f"The setup token is in the secret {name}.")
except manager.exceptions.ResourceExistsException:
    print(f"The setup token is that of the secret {name}.")
