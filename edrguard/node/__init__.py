"""One running instance: configuration, wiring, serving, and the verbs that need no wire."""
