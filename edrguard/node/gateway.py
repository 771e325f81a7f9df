"""The gateway in front of us, as configured: a preset of config/gateways with the operator's own words added."""

from pathlib import Path

from pydantic import ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from edrguard.model.errors import ConfigError, Place
from edrguard.node.config import config_path, read_secret
from edrguard.node.trust_options import GatewayOptions, GatewayPreset
from edrguard.pipeline import Gateway

SECRET_MIN = 16  #: characters of a mark: shorter ones can be guessed


def preset_path(name: str) -> Path:
    """The file of a preset."""
    return config_path("gateways") / f"{name}.yml"


def load_preset(name: str) -> GatewayPreset:
    """A preset. Raises ConfigError where its file cannot be read or is wrong."""
    path = preset_path(name)
    try:
        data = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
        return GatewayPreset.model_validate(data)
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror}", Place(str(path))) from error
    except (YAMLError, ValidationError, UnicodeDecodeError) as error:
        raise ConfigError(f"no gateway preset: {' '.join(str(error).split())[:300]}", Place(str(path))) from error


def make_gateway(options: GatewayOptions) -> Gateway | None:
    """``None`` where mail comes to us directly. Raises ConfigError."""
    if options.preset == "none":
        return None
    preset = load_preset(options.preset)
    mark = None
    if options.mark_field:
        secret = read_secret(None, options.mark_file)
        if not secret or len(secret) < SECRET_MIN:
            raise ConfigError(f"gateway.mark_file: the mark has at least {SECRET_MIN} characters")
        mark = (options.mark_field.lower(), secret)
    return Gateway(
        name=preset.name,
        networks=(*preset.networks, *options.networks),
        hosts=_names(preset.hosts, options.hosts, preset.edge, options.edge),
        edge=_names(preset.edge, options.edge),
        inside=(*preset.inside, *options.inside),
        hops=options.hops,
        authserv_ids=frozenset(name.lower() for name in (*preset.authserv_ids, *options.authserv_ids)),
        nameless=preset.nameless_results or options.nameless_results,
        rewrites=frozenset(options.rewrites),
        mark=mark,
        shared=preset.shared or options.shared,
        dmarc=options.dmarc,
    )


def _names(*lists: tuple[str, ...]) -> frozenset[str]:
    return frozenset(name.lower().rstrip(".") for names in lists for name in names)
