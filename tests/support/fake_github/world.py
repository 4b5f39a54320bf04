"""What exists on this GitHub: apps, where they are installed, repositories.

Plain data, read from and written as JSON. To add a change that a test or a person can ask for while
the stand-in runs: write a method of World below "Changes" and name it in CHANGES.
"""

import copy
import zlib
from dataclasses import asdict, dataclass, field

REPOSITORY_PERMISSIONS = {
    "contents": "write",
    "issues": "write",
    "metadata": "read",
    "pull_requests": "write",
}

DEFAULT_WORLD = {
    "apps": [
        {
            "app_id": 12345,
            "client_id": "Iv23liTestClientId",
            "slug": "ci",
            "owner": "octo-org",
            "keys": ["app-12345.pem"],
            "permissions": {**REPOSITORY_PERMISSIONS, "members": "read"},
        }
    ],
    "installations": [
        {
            "id": 4242,
            "app_id": 12345,
            "account": "octo-org",
            "account_type": "Organization",
            "repository_selection": "all",
            "permissions": {**REPOSITORY_PERMISSIONS, "members": "read"},
        },
        {
            "id": 4343,
            "app_id": 12345,
            "account": "monalisa",
            "account_type": "User",
            "repository_selection": "selected",
            "selected": ["monalisa/notes"],
            "permissions": dict(REPOSITORY_PERMISSIONS),
        },
    ],
    "repositories": [
        {"id": 1001, "full_name": "octo-org/hello-world", "private": False},
        {"id": 1002, "full_name": "octo-org/private-repo"},
        {"id": 1003, "full_name": "octo-org/new-name", "former_names": ["octo-org/old-name"]},
        {"id": 2001, "full_name": "monalisa/notes"},
        {"id": 2002, "full_name": "monalisa/not-selected"},
        {"id": 3001, "full_name": "stranger/public", "private": False},
        {"id": 3002, "full_name": "stranger/private"},
    ],
}


class UnknownThing(LookupError):
    """A change named something that this world does not have."""


@dataclass
class App:
    """keys: names of PEM files in the stand-in's directory; one that is not there is made."""

    app_id: int
    client_id: str
    slug: str
    owner: str = "octo-org"
    keys: list[str] = field(default_factory=list)
    permissions: dict[str, str] = field(default_factory=dict)


@dataclass
class Installation:
    """selected: full names; they count when repository_selection is "selected"."""

    id: int
    app_id: int
    account: str
    account_type: str = "Organization"
    repository_selection: str = "all"
    selected: list[str] = field(default_factory=list)
    permissions: dict[str, str] = field(default_factory=dict)
    suspended_at: float | None = None


@dataclass
class Repository:
    id: int
    full_name: str
    private: bool = True
    former_names: list[str] = field(default_factory=list)

    @property
    def owner(self):
        return self.full_name.split("/")[0]

    @property
    def name(self):
        return self.full_name.split("/")[1]


@dataclass
class World:
    apps: list[App]
    installations: list[Installation]
    repositories: list[Repository]

    @classmethod
    def from_json(cls, document):
        document = copy.deepcopy(document)
        return cls(
            [App(**entry) for entry in document["apps"]],
            [Installation(**entry) for entry in document["installations"]],
            [Repository(**entry) for entry in document["repositories"]],
        )

    def to_json(self):
        return asdict(self)

    def __post_init__(self):
        self._index()

    # Looking

    def find_app(self, issuer):
        """issuer: an app ID, or a client ID."""
        return next((app for app in self.apps if issuer in (app.app_id, app.client_id)), None)

    def find_installation(self, installation_id):
        return next((it for it in self.installations if it.id == installation_id), None)

    def installation_on(self, app, account):
        for installation in self.installations:
            if installation.app_id == app.app_id and same(installation.account, account):
                return installation
        return None

    def installation_for(self, app, repository):
        installation = self.installation_on(app, repository.owner)
        return installation if installation and reaches(installation, repository) else None

    def reachable(self, installation):
        return [it for it in self.repositories if reaches(installation, it)]

    def find_repository(self, full_name):
        """By its present name."""
        return self._by_name.get(full_name.lower())

    def find_renamed(self, full_name):
        """By a name that it no longer has."""
        return self._by_former_name.get(full_name.lower())

    def find_repository_by_id(self, repository_id):
        return self._by_id.get(repository_id)

    def account_type(self, login):
        for installation in self.installations:
            if same(installation.account, login):
                return installation.account_type
        return "Organization"

    # Changes

    def suspend(self, now, installation):
        self._installation(installation).suspended_at = now

    def unsuspend(self, _now, installation):
        self._installation(installation).suspended_at = None

    def uninstall(self, _now, installation):
        self.installations.remove(self._installation(installation))

    def reinstall(self, _now, installation, new_id):
        """Uninstalled and installed again: the same account, another id."""
        self._installation(installation).id = new_id

    def set_permissions(self, _now, installation, permissions):
        self._installation(installation).permissions = dict(permissions)

    def select(self, _now, installation, repositories):
        """The owner chooses these repositories and no others; None chooses all."""
        changed = self._installation(installation)
        changed.repository_selection = "all" if repositories is None else "selected"
        changed.selected = list(repositories or [])

    def rename(self, _now, repository, to):
        renamed = self._repository(repository)
        renamed.former_names.append(renamed.full_name)
        renamed.full_name = to
        self._index()

    def add_repository(self, _now, repository, private=True):
        new_id = 1 + max((it.id for it in self.repositories), default=0)
        self.repositories.append(Repository(new_id, repository, private))
        self._index()

    def delete_repository(self, _now, repository):
        self.repositories.remove(self._repository(repository))
        self._index()

    def add_app(self, _now, **app):
        self.apps.append(App(**app))

    def delete_app(self, _now, app_id):
        self.apps.remove(self._app(app_id))

    def set_keys(self, _now, app_id, keys):
        self._app(app_id).keys = list(keys)

    def add_installation(self, _now, **installation):
        self.installations.append(Installation(**installation))

    def _index(self):
        """Worlds of ten thousand repositories are asked for one at a time."""
        self._by_id = {it.id: it for it in self.repositories}
        self._by_name = {it.full_name.lower(): it for it in self.repositories}
        self._by_former_name = {
            name.lower(): it for it in self.repositories for name in it.former_names
        }

    def _app(self, app_id):
        return self.find_app(app_id) or _unknown("app", app_id)

    def _installation(self, installation_id):
        return self.find_installation(installation_id) or _unknown("installation", installation_id)

    def _repository(self, full_name):
        return self.find_repository(full_name) or _unknown("repository", full_name)


CHANGES = {
    change.__name__: change
    for change in (
        World.suspend,
        World.unsuspend,
        World.uninstall,
        World.reinstall,
        World.set_permissions,
        World.select,
        World.rename,
        World.add_repository,
        World.delete_repository,
        World.add_app,
        World.delete_app,
        World.set_keys,
        World.add_installation,
    )
}


def reaches(installation, repository):
    if not same(installation.account, repository.owner):
        return False
    if installation.repository_selection == "all":
        return True
    return any(same(name, repository.full_name) for name in installation.selected)


def same(one, other):
    """GitHub's names do not tell capitals from small letters."""
    return one.lower() == other.lower()


def account_id(login):
    """Stable, and as large as GitHub's: nobody needs to choose one."""
    return zlib.crc32(login.lower().encode())


def _unknown(kind, name):
    raise UnknownThing(f"there is no {kind} {name!r}")
