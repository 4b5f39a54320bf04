"""Stand-ins of the places that secrets come from: AWS Secrets Manager, Vault, metadata services."""
