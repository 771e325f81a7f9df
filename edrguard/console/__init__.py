"""What a reviewer sees: the queue and its cases, read-only, safe to open at 03:10."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from edrguard.console.app import ConsoleSettings, create_app
    from edrguard.console.health import create_health_app
    from edrguard.console.signin import hash_password

__all__ = ["ConsoleSettings", "create_app", "create_health_app", "hash_password"]

_HOMES = {
    "ConsoleSettings": "app",
    "create_app": "app",
    "create_health_app": "health",
    "hash_password": "signin",
}


def __getattr__(name: str) -> Any:
    """Load Starlette and Jinja only for who needs them: hashing a password does not."""
    if name not in _HOMES:
        raise AttributeError(name)
    from importlib import import_module

    return getattr(import_module(f"edrguard.console.{_HOMES[name]}"), name)
