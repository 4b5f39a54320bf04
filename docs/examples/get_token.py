#!/usr/bin/python3
"""A token from Python: what it is to standard error, the token itself to standard output.

    GH_TOKEN=$(./get_token.py octo-org/hello-world) gh pr list
"""

import sys

import tokman

with tokman.Client() as client, client.token(sys.argv[1], min_lifetime=300) as token:
    print(token, file=sys.stderr)
    print(token.secret)
