"""``serve``: run the node until it is told to stop; read rules and directory again on SIGHUP."""

import asyncio
import signal
from pathlib import Path

import uvloop

from edrguard.model.errors import EdrguardError
from edrguard.node import systemd
from edrguard.node.build import Node, build
from edrguard.node.config import load_config
from edrguard.node.log import get_logger, setup_logging
from edrguard.node.memory import settle


def serve(config_path: Path | None) -> None:
    """Run until SIGTERM or SIGINT, then drain. Raises ConfigError and Unavailable before anything is accepted."""
    config = load_config(config_path)
    setup_logging(config.log.level, config.log.format)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(config_path))


async def _serve(config_path: Path | None) -> None:
    log = get_logger("edrguard")
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    node = build(load_config(config_path))
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    reload = asyncio.Event()
    loop.add_signal_handler(signal.SIGHUP, reload.set)
    await node.start()
    settle()
    where = ", ".join(f"{host}:{port}" for host, port in node.smtp_addresses)
    milter = ", ".join(node.milter_addresses)
    log.info(
        "ready",
        smtp=where or "off",
        milter=milter or "off",
        sent=", ".join(f"{host}:{port}" for host, port in node.sent_addresses) or "off",
        console=str(node.web.address("console") or "off"),
        mode=node.config.mode.value,
    )
    if node.web.password:
        log.warning("console password made for this run", user=node.config.console.user, password=node.web.password)
    systemd.ready(", ".join(f"{name} on {at}" for name, at in (("SMTP", where), ("milter", milter)) if at))
    busy = [asyncio.create_task(_feed_watchdog()), asyncio.create_task(_reload(node, config_path, reload))]
    try:
        await stop.wait()
    finally:
        log.info("draining")
        systemd.stopping()
        for task in busy:
            task.cancel()
        await node.stop()
        log.info("stopped")


async def _reload(node: Node, config_path: Path | None, wanted: asyncio.Event) -> None:
    """One reload at a time, in a thread: meanwhile mail is judged by what was loaded before. Whatever is wrong with
    the files, the node goes on."""
    log = get_logger("edrguard")
    while await wanted.wait():
        wanted.clear()
        systemd.reloading()
        try:
            await asyncio.to_thread(lambda: node.reload(load_config(config_path)))
            log.info("reloaded", rules=len(node.pipeline.assessor.ruleset.rules))
        except EdrguardError as error:
            log.error("reload refused; the node goes on as before", error=str(error))
        except Exception as error:
            log.error("reload broke; the node goes on as before", exc_info=error)
        systemd.ready()


async def _feed_watchdog() -> None:
    interval = systemd.watchdog_interval()
    while interval is not None:
        systemd.alive()
        await asyncio.sleep(interval)
