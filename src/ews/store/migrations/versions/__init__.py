"""The changes, oldest first; ``ews.store.store.HEAD`` names the newest."""
