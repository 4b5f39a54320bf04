"""Judges the body of POST /app/installations/{id}/access_tokens: what the token would be for."""

import json

from .refusals import Refusal, Refused
from .world import reaches

REPOSITORIES_MAX = 500
LEVELS = ("read", "write", "admin")
FIELDS = ("repositories", "repository_ids", "permissions")

# Permissions that are about an account; every other is about repositories.
ACCOUNT_PERMISSIONS = (
    "members",
    "email_addresses",
    "followers",
    "git_ssh_keys",
    "gpg_keys",
    "interaction_limits",
    "profile",
    "starring",
    "custom_properties_for_organizations",
    "enterprise_custom_properties_for_organizations",
)


def judge_mint(body, world, installation):
    """(repositories or None for all, permissions) of the token, or Refused."""
    asked = parse(body)
    return (
        chosen_repositories(asked, world, installation),
        chosen_permissions(asked.get("permissions"), installation.permissions),
    )


def parse(body):
    try:
        asked = json.loads(body or b"{}")
    except ValueError as malformed:
        raise Refused(Refusal.BAD_JSON) from malformed
    if not isinstance(asked, dict):
        raise Refused(Refusal.BAD_JSON)
    require(all(name in FIELDS for name in asked), "body")
    require(is_list_of(str, asked.get("repositories", [])), "repositories")
    require(is_list_of(int, asked.get("repository_ids", [])), "repository_ids")
    require(not ("repositories" in asked and "repository_ids" in asked), "repository_ids")
    permissions = asked.get("permissions", {})
    require(isinstance(permissions, dict), "permissions")
    require(all(level in LEVELS for level in permissions.values()), "permissions")
    return asked


def chosen_repositories(asked, world, installation):
    names, ids = asked.get("repositories"), asked.get("repository_ids")
    if not names and not ids:
        return None
    if len(names or ids) > REPOSITORIES_MAX:
        raise Refused(Refusal.TOO_MANY_REPOSITORIES, "repositories")
    if names:
        chosen = [world.find_repository(f"{installation.account}/{name}") for name in names]
    else:
        chosen = [world.find_repository_by_id(wanted) for wanted in ids]
    if not all(found and reaches(installation, found) for found in chosen):
        raise Refused(Refusal.REPOSITORY_NOT_ACCESSIBLE, "repositories")
    return chosen


def chosen_permissions(asked, granted):
    """Nothing asked is everything granted; metadata comes along with any repository's."""
    if not asked:
        return dict(granted)
    if any(name not in granted for name in asked):
        raise Refused(Refusal.NOT_GRANTED, "permissions")
    if any(LEVELS.index(level) > LEVELS.index(granted[name]) for name, level in asked.items()):
        raise Refused(Refusal.LEVEL_NOT_GRANTED, "permissions")
    if any(is_about_repositories(name) for name in asked):
        return {**asked, "metadata": "read"}
    return dict(asked)


def is_about_repositories(permission):
    return permission not in ACCOUNT_PERMISSIONS and not permission.startswith("organization_")


def is_list_of(kind, value):
    return isinstance(value, list) and all(type(it) is kind for it in value)


def require(condition, field):
    if not condition:
        raise Refused(Refusal.INVALID_REQUEST, field)
