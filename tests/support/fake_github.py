#!/usr/bin/python3
"""Runs the GitHub stand-in by hand. The work is in the package of the same name beside this."""

from fake_github.command import main

if __name__ == "__main__":
    main()
