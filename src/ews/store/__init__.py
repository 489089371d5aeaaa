"""The application database: accounts, clients, the ledger, runs and the scores shown."""

from ews.store.store import Store, Transaction, open_store

__all__ = ["Store", "Transaction", "open_store"]
