"""What exists on this GitHub: apps, where they are installed, repositories.

Plain data, read from and written as JSON. To add a change that a test or a person can ask for while
the stand-in runs: write a method of World below "Changes" and name it in CHANGES.
"""

import copy
import zlib
from dataclasses import asdict, dataclass, field, replace

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
            "webhook_secret": "It's a Secret to Everybody",
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
    events: list[str] = field(default_factory=list)
    webhook_secret: str = ""


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
    updated_at: float = 1704067200


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


@dataclass(frozen=True)
class Event:
    """What GitHub tells one app about a change. about: what only this kind of event says."""

    name: str
    action: str
    installation: Installation
    about: dict = field(default_factory=dict)


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

    # Changes: each gives the events that GitHub tells the apps of

    def suspend(self, now, installation):
        changed = self._touch(now, installation)
        changed.suspended_at = now
        return [Event("installation", "suspend", changed)]

    def unsuspend(self, now, installation):
        changed = self._touch(now, installation)
        changed.suspended_at = None
        return [Event("installation", "unsuspend", changed)]

    def uninstall(self, _now, installation):
        gone = self._installation(installation)
        self.installations.remove(gone)
        return [Event("installation", "deleted", gone)]

    def reinstall(self, now, installation, new_id):
        """Uninstalled and installed again: the same account, another id."""
        gone = self._installation(installation)
        made = replace(gone, id=new_id, suspended_at=None, updated_at=now)
        self.installations[self.installations.index(gone)] = made
        listed = {"repositories": self.reachable(made)}
        return [
            Event("installation", "deleted", gone),
            Event("installation", "created", made, listed),
        ]

    def set_permissions(self, now, installation, permissions):
        """What the owner has accepted."""
        changed = self._touch(now, installation)
        changed.permissions = dict(permissions)
        return [Event("installation", "new_permissions_accepted", changed)]

    def select(self, now, installation, repositories):
        """The owner chooses these repositories and no others; None chooses all."""
        changed = self._touch(now, installation)
        before = self.reachable(changed)
        changed.repository_selection = "all" if repositories is None else "selected"
        changed.selected = list(repositories or [])
        after = self.reachable(changed)
        return [
            *self._selection_events("removed", changed, [it for it in before if it not in after]),
            *self._selection_events("added", changed, [it for it in after if it not in before]),
        ]

    def rename(self, _now, repository, to):
        """To another owner it is a transfer, of which only the new owner's apps are told."""
        renamed = self._repository(repository)
        former_owner, former_name = renamed.owner, renamed.name
        renamed.former_names.append(renamed.full_name)
        renamed.full_name = to
        self._index()
        if same(renamed.owner, former_owner):
            changes = {"repository": {"name": {"from": former_name}}}
            return self._repository_events("renamed", renamed, changes=changes)
        kind = self.account_type(former_owner).lower()
        former = {"login": former_owner, "id": account_id(former_owner)}
        changes = {"owner": {"from": {kind: former}}}
        return self._repository_events("transferred", renamed, changes=changes)

    def rename_account(self, now, account, to):
        """Its repositories are found under the new name, and redirected to from the old."""
        for it in self.repositories:
            if same(it.owner, account):
                it.former_names.append(it.full_name)
                it.full_name = f"{to}/{it.name}"
        self._index()
        changes = {"login": {"from": account}}
        renamed = [it for it in self.installations if same(it.account, account)]
        for installation in renamed:
            installation.account, installation.updated_at = to, now
        return [
            Event("installation_target", "renamed", it, {"changes": changes}) for it in renamed
        ]

    def add_repository(self, now, repository, private=True):
        new_id = 1 + max((it.id for it in self.repositories), default=0)
        added = Repository(new_id, repository, private)
        self.repositories.append(added)
        self._index()
        told = [it for it in self.installations if reaches(it, added)]
        for installation in told:
            installation.updated_at = now
        return [
            event for it in told for event in self._selection_events("added", it, [added])
        ]

    def delete_repository(self, _now, repository):
        deleted = self._repository(repository)
        events = self._repository_events("deleted", deleted)
        self.repositories.remove(deleted)
        self._index()
        return events

    def add_app(self, _now, **app):
        self.apps.append(App(**app))
        return []

    def delete_app(self, _now, app_id):
        self.apps.remove(self._app(app_id))
        return []

    def set_keys(self, _now, app_id, keys):
        self._app(app_id).keys = list(keys)
        return []

    def add_installation(self, now, **installation):
        made = Installation(**{"updated_at": now, **installation})
        self.installations.append(made)
        return [Event("installation", "created", made, {"repositories": self.reachable(made)})]

    def _touch(self, now, installation_id):
        changed = self._installation(installation_id)
        changed.updated_at = now
        return changed

    def _selection_events(self, action, installation, repositories):
        if not repositories:
            return []
        about = {
            "repository_selection": installation.repository_selection,
            "repositories_added": repositories if action == "added" else [],
            "repositories_removed": repositories if action == "removed" else [],
        }
        return [Event("installation_repositories", action, installation, about)]

    def _repository_events(self, action, repository, **about):
        about = {"repository": repository, **about}
        told = [it for it in self.installations if reaches(it, repository)]
        return [Event("repository", action, it, about) for it in told]

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
        World.rename_account,
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
