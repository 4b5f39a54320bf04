"""Vault's KV store of version 2, as its HTTP interface shows it."""


class Vault:
    """secrets: fields by "MOUNT/PATH"."""

    TOKEN = "hvs.PlantedVaultTokenPlantedVaultToken"

    def __init__(self, secrets):
        self.secrets = secrets
        self.namespace = None
        self.sealed = False

    def serve(self, method, target, headers):
        if self.sealed:
            return 503, {"errors": ["Vault is sealed"]}
        if headers.get("x-vault-token") != self.TOKEN:
            return 403, {"errors": ["permission denied"]}
        if headers.get("x-vault-namespace") != self.namespace:
            return 404, {"errors": []}
        mount, _, path = target.removeprefix("/v1/").partition("/data/")
        fields = self.secrets.get(f"{mount}/{path}")
        if method != "GET" or fields is None:
            return 404, {"errors": []}
        return 200, {"request_id": "1", "data": {"data": fields, "metadata": {"version": 1}}}
