"""What a reviewer sees and does: the queue, its cases and their forms, safe to open at 03:10."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from edrguard.console.app import create_app
    from edrguard.console.health import create_health_app
    from edrguard.console.parts import Company, ConsoleSettings, Desk
    from edrguard.console.passwords import hash_password, is_hash

__all__ = ["Company", "ConsoleSettings", "Desk", "create_app", "create_health_app", "hash_password", "is_hash"]

_HOMES = {
    "Company": "parts",
    "ConsoleSettings": "parts",
    "Desk": "parts",
    "create_app": "app",
    "create_health_app": "health",
    "hash_password": "passwords",
    "is_hash": "passwords",
}


def __getattr__(name: str) -> Any:
    """Load Starlette and Jinja only for who needs them: hashing a password does not."""
    if name not in _HOMES:
        raise AttributeError(name)
    from importlib import import_module

    return getattr(import_module(f"edrguard.console.{_HOMES[name]}"), name)
