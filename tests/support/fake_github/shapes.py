"""The bodies of GitHub's answers, as complete as GitHub sends them.

`base` is the origin (and prefix) that the request came to, so that every link leads back here.
"""

import base64

from .clock import iso
from .refusals import refusal_body
from .tokens import QUOTA_PER_HOUR
from .world import account_id

EPOCH = "2024-01-01T00:00:00Z"

# Where a repository's parts are, below its own URL.
REPOSITORY_LINKS = {
    "archive_url": "/{archive_format}{/ref}",
    "assignees_url": "/assignees{/user}",
    "blobs_url": "/git/blobs{/sha}",
    "branches_url": "/branches{/branch}",
    "collaborators_url": "/collaborators{/collaborator}",
    "comments_url": "/comments{/number}",
    "commits_url": "/commits{/sha}",
    "compare_url": "/compare/{base}...{head}",
    "contents_url": "/contents/{+path}",
    "contributors_url": "/contributors",
    "deployments_url": "/deployments",
    "downloads_url": "/downloads",
    "events_url": "/events",
    "forks_url": "/forks",
    "git_commits_url": "/git/commits{/sha}",
    "git_refs_url": "/git/refs{/sha}",
    "git_tags_url": "/git/tags{/sha}",
    "hooks_url": "/hooks",
    "issue_comment_url": "/issues/comments{/number}",
    "issue_events_url": "/issues/events{/number}",
    "issues_url": "/issues{/number}",
    "keys_url": "/keys{/key_id}",
    "labels_url": "/labels{/name}",
    "languages_url": "/languages",
    "merges_url": "/merges",
    "milestones_url": "/milestones{/number}",
    "notifications_url": "/notifications{?since,all,participating}",
    "pulls_url": "/pulls{/number}",
    "releases_url": "/releases{/id}",
    "stargazers_url": "/stargazers",
    "statuses_url": "/statuses/{sha}",
    "subscribers_url": "/subscribers",
    "subscription_url": "/subscription",
    "tags_url": "/tags",
    "teams_url": "/teams",
    "trees_url": "/git/trees{/sha}",
}

ACCOUNT_LINKS = {
    "events_url": "/events{/privacy}",
    "followers_url": "/followers",
    "following_url": "/following{/other_user}",
    "gists_url": "/gists{/gist_id}",
    "organizations_url": "/orgs",
    "received_events_url": "/received_events",
    "repos_url": "/repos",
    "starred_url": "/starred{/owner}{/repo}",
    "subscriptions_url": "/subscriptions",
}


def app_shape(app, installations_count, base):
    return {
        "id": app.app_id,
        "client_id": app.client_id,
        "slug": app.slug,
        "node_id": node_id("App", app.app_id),
        "owner": account_shape(app.owner, "Organization", base),
        "name": app.slug,
        "description": None,
        "external_url": "https://example.com",
        "html_url": f"https://github.com/apps/{app.slug}",
        "created_at": EPOCH,
        "updated_at": EPOCH,
        "permissions": app.permissions,
        "events": app.events,
        "installations_count": installations_count,
    }


def installation_shape(installation, app, base):
    suspended = installation.suspended_at is not None
    account = account_shape(installation.account, installation.account_type, base)
    suspended_by = account_shape("monalisa", "User", base) if suspended else None
    return {
        "id": installation.id,
        "client_id": app.client_id,
        "account": account,
        "repository_selection": installation.repository_selection,
        "access_tokens_url": f"{base}/app/installations/{installation.id}/access_tokens",
        "repositories_url": f"{base}/installation/repositories",
        "html_url": f"https://github.com/settings/installations/{installation.id}",
        "app_id": app.app_id,
        "app_slug": app.slug,
        "target_id": account["id"],
        "target_type": installation.account_type,
        "permissions": installation.permissions,
        "events": app.events,
        "created_at": EPOCH,
        "updated_at": iso(installation.updated_at),
        "single_file_name": None,
        "has_multiple_single_files": False,
        "single_file_paths": [],
        "suspended_by": suspended_by,
        "suspended_at": iso(installation.suspended_at) if suspended else None,
    }


def token_shape(token, repository_selection, repositories, base):
    """repositories: those that were asked for by name or id; None when none were."""
    shape = {
        "token": token.secret,
        "expires_at": iso(token.expires_at),
        "permissions": token.permissions,
        "repository_selection": repository_selection,
    }
    if repositories is not None:
        shape["repositories"] = [
            repository_shape(repository, owner_type, base)
            for repository, owner_type in repositories
        ]
    return shape


def repository_shape(repository, owner_type, base):
    url = f"{base}/repos/{repository.full_name}"
    html_url = f"https://github.com/{repository.full_name}"
    return {
        "id": repository.id,
        "node_id": node_id("Repository", repository.id),
        "name": repository.name,
        "full_name": repository.full_name,
        "private": repository.private,
        "owner": account_shape(repository.owner, owner_type, base),
        "html_url": html_url,
        "description": None,
        "fork": False,
        "url": url,
        **{name: url + suffix for name, suffix in REPOSITORY_LINKS.items()},
        "git_url": f"git://github.com/{repository.full_name}.git",
        "ssh_url": f"git@github.com:{repository.full_name}.git",
        "clone_url": f"{html_url}.git",
        "svn_url": html_url,
        "mirror_url": None,
        "homepage": None,
        "language": None,
        "license": None,
        "created_at": EPOCH,
        "updated_at": EPOCH,
        "pushed_at": EPOCH,
        **{name: 0 for name in ("size", "forks", "watchers", "open_issues")},
        **{name: 0 for name in ("forks_count", "stargazers_count", "watchers_count")},
        "open_issues_count": 0,
        "default_branch": "main",
        **{name: True for name in ("has_issues", "has_projects", "has_downloads", "has_wiki")},
        **{name: False for name in ("has_pages", "has_discussions", "archived", "disabled")},
        "is_template": False,
        "topics": [],
        "allow_forking": True,
        "web_commit_signoff_required": False,
        "visibility": "private" if repository.private else "public",
    }


def brief_repository_shape(repository):
    """As webhooks list repositories."""
    return {
        "id": repository.id,
        "node_id": node_id("Repository", repository.id),
        "name": repository.name,
        "full_name": repository.full_name,
        "private": repository.private,
    }


def full_repository_shape(repository, owner_type, base):
    shape = repository_shape(repository, owner_type, base)
    return {**shape, "network_count": 0, "subscribers_count": 0}


def account_shape(login, account_type, base):
    url = f"{base}/users/{login}"
    return {
        "login": login,
        "id": account_id(login),
        "node_id": node_id(account_type, account_id(login)),
        "avatar_url": f"https://avatars.githubusercontent.com/u/{account_id(login)}?v=4",
        "gravatar_id": "",
        "url": url,
        "html_url": f"https://github.com/{login}",
        **{name: url + suffix for name, suffix in ACCOUNT_LINKS.items()},
        "type": account_type,
        "site_admin": False,
    }


def rate_limit_shape(quota, with_rate):
    """with_rate: the older API versions repeat the core quota at the top."""
    core = {
        "limit": QUOTA_PER_HOUR,
        "used": quota.used,
        "remaining": max(0, QUOTA_PER_HOUR - quota.used),
        "reset": quota.resets_at,
    }
    search = {"limit": 30, "used": 0, "remaining": 30, "reset": quota.resets_at}
    shape = {"resources": {"core": core, "search": search}}
    return {**shape, "rate": core} if with_rate else shape


def moved_shape(location):
    return {**refusal_body(301, "Moved Permanently"), "url": location}


def node_id(kind, number):
    return base64.b64encode(f"0{len(kind)}:{kind}{number}".encode()).decode()
