"""What these tests keep is kept on SQLite, and again on PostgreSQL."""

from databases import on_both as settings

__all__ = ["settings"]
