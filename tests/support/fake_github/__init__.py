"""A stand-in for GitHub, as far as a GitHub App needs it: see FakeGitHub, and fake_github.py."""

from .refusals import Refusal
from .stand_in import CREATE_TOKEN, FakeGitHub
from .tokens import Minting
from .world import DEFAULT_WORLD

__all__ = ["CREATE_TOKEN", "DEFAULT_WORLD", "FakeGitHub", "Minting", "Refusal"]
