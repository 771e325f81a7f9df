"""Run by alembic for every command: works on the connection, and in the transaction, of who called."""

from alembic import context

context.configure(connection=context.config.attributes["connection"], transactional_ddl=True)
context.run_migrations()
