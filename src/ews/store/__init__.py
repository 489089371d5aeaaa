"""The application database: accounts, clients, the ledger, runs and the scores shown."""

from ews.store import (  # every module of tables joins METADATA by being read
    alarm_tables,
    call_tables,
    contact_tables,
    digest_tables,
    export_tables,
    family_tables,
    handover_tables,
    meeting_tables,
    question_tables,
    record_tables,
    schedule_tables,
    sight_tables,
    sign_in_tables,
    work_tables,
)
from ews.store.store import Store, Transaction, open_store

__all__ = [
    "Store",
    "Transaction",
    "alarm_tables",
    "call_tables",
    "contact_tables",
    "digest_tables",
    "export_tables",
    "family_tables",
    "handover_tables",
    "meeting_tables",
    "open_store",
    "question_tables",
    "record_tables",
    "schedule_tables",
    "sight_tables",
    "sign_in_tables",
    "work_tables",
]
