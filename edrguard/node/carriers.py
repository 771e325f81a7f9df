"""The ways in which pages travel, as configured."""

import os
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from edrguard.model.errors import ConfigError
from edrguard.model.ports import NextHop, Pager
from edrguard.node.calling import PageMailOptions, WebhookOptions
from edrguard.node.config import read_secret
from edrguard.node.options import Config
from edrguard.review import Hook, SmtpPager, WebhookPager, apprise_pagers


def make_pagers(config: Config, next_hop: NextHop, clock: Callable[[], datetime]) -> list[Pager]:
    """The ways in which people are called first."""
    ways = _ways(config, config.pages.webhook, config.pages.smtp, next_hop, clock)
    return [*ways, *apprise_pagers(apprise_urls(config), config.pages.apprise.timeout)]


def make_lines(config: Config, next_hop: NextHop, clock: Callable[[], datetime]) -> list[tuple[timedelta, list[Pager]]]:
    """Who is called later, and after how long."""
    return [
        (
            timedelta(minutes=line.after),
            [
                *_ways(config, line.webhook, line.smtp, next_hop, clock),
                *apprise_pagers(_urls(line.apprise_file), config.pages.apprise.timeout),
            ],
        )
        for line in config.pages.lines
    ]


def _ways(
    config: Config, hook: WebhookOptions, mail: PageMailOptions, next_hop: NextHop, clock: Callable[[], datetime]
) -> list[Pager]:
    ways: list[Pager] = []
    if hook.url:
        secret = read_secret(hook.secret, hook.secret_file)
        if not secret:
            raise ConfigError("pages: the secret of a webhook is empty")
        ways.append(WebhookPager(hook.url, secret, hook.timeout, clock))
    if mail.to:
        ways.append(SmtpPager(next_hop, mail.sender or f"edrguard@{config.host}", mail.to))
    return ways


def apprise_urls(config: Config) -> list[str]:
    """From the file and the environment. Raises ConfigError where the file cannot be read."""
    options = config.pages.apprise
    return list(dict.fromkeys([*_urls(options.file), *os.environ.get(options.environment, "").split()]))


def _urls(file: Path | None) -> list[str]:
    lines = (read_secret(None, file) or "").splitlines() if file else []
    return [line.strip() for line in lines if line.strip() and not line.strip().startswith("#")]


def make_hooks(config: Config) -> list[Hook]:
    """Who follows the events of cases."""
    hook = config.case_hook
    if not hook.url:
        return []
    secret = read_secret(hook.secret, hook.secret_file)
    if not secret:
        raise ConfigError("case_hook: the secret is empty")
    return [Hook(hook.url, secret, frozenset(hook.events), hook.timeout)]
