"""The application database: accounts, clients, the ledger, runs and the scores shown."""

from ews.store import family_tables  # every module of tables joins METADATA by being read
from ews.store.store import Store, Transaction, open_store

__all__ = ["Store", "Transaction", "family_tables", "open_store"]
