"""The wires: SMTP and milter. Each hands complete messages to a ``Gate`` and carries its answer back."""
