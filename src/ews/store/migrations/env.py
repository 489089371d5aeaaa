"""Alembic's entrance: runs the migrations on the connection that ``open_store`` hands over."""

from alembic import context

context.configure(connection=context.config.attributes["connection"], transactional_ddl=True)
context.run_migrations()
