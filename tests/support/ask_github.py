#!/usr/bin/python3
"""Asks the stand-in for PATH with the token in GH_TOKEN, if any; prints the status and MEMBER.

    ask_github.py PATH MEMBER...     a member of the answer, a member of that, and so on

GITHUB is where the stand-in is, GITHUB_CA the certificate that it is known by.
"""

import json
import os
import ssl
import sys
import urllib.request


def main():
    path, *members = sys.argv[1:]
    request = urllib.request.Request(os.environ["GITHUB"] + path)
    if "GH_TOKEN" in os.environ:
        request.add_header("Authorization", f"Bearer {os.environ['GH_TOKEN']}")
    context = ssl.create_default_context(cafile=os.environ["GITHUB_CA"])
    with urllib.request.urlopen(request, context=context) as answer:
        value = json.load(answer)
        for member in members:
            value = value[member]
        print(answer.status, value)


if __name__ == "__main__":
    main()
