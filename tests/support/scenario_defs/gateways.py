"""Stories of an inbox behind a gateway: Microsoft 365, or a filter of one's own. Genuine, hijacked, forged, and around it."""

from dataclasses import replace

from tests.support.gatewaychains import M365, MARK, OWN, behind, m365, own, through_m365
from tests.support.scenario_defs.emergencies import STORIES as EMERGENCIES
from tests.support.scenario_defs.outside import STORIES as OUTSIDE
from tests.support.scenario_defs.takeover import STORIES as TAKEOVERS
from tests.support.signing import Signer
from tests.support.story import Expect, Label, Mail, Sent, Story
from tests.support.world import agency, domain, everyday, merge, reverse

PASS = {"spf": "pass", "dkim": "pass", "dmarc": "pass"}
NEVER = ("GATEWAY_BYPASSED", "GATEWAY_UNREAD", "GATEWAY_FORGED")
SECRET = {"gateway.mark": f"{MARK}\n"}


def _of(stories: tuple[Story, ...], name: str) -> Story:
    return next(story for story in stories if story.name == name)


def _through(line: Mail | Label | Sent) -> Mail | Label | Sent:
    if not isinstance(line, Mail):
        return line
    if line.expect is None:
        return through_m365(line)
    return through_m365(line, expect=replace(line.expect, must_not=(*line.expect.must_not, *NEVER)))


_night = _of(EMERGENCIES, "night-emergency")
_emergency = replace(
    _night,
    name="gateway-m365-emergency",
    tells="""
The night-time emergency again, at an inbox behind Microsoft 365: its servers are all that connects to us. The constable's
own server, HELO and TLS are read from the field of the service's front door, SPF passes for that server, and history
knows the way. Nothing of the service's own verdict is needed. Delivered at once, paged.
""",
    lines=[_through(line) for line in _night.lines],
    config={"gateway": M365},
    files=SECRET,
)

_drift = _of(TAKEOVERS, "hijacked-sheriff-drift")
_hijack = replace(
    _drift,
    name="gateway-m365-hijack",
    tells="""
The hijacked deputy's account at an inbox behind Microsoft 365, which says pass to everything, as we do. What gives it away
is what always does: another program, an old thread, another ask. The gateway in between must not hide it.
""",
    lines=[_through(line) for line in _drift.lines],
    config={"gateway": M365},
    files=SECRET,
)

_enforced = _of(OUTSIDE, "spoof-enforced-policy")
_spoof = next(line for line in _enforced.lines if isinstance(line, Mail))
_KNOLL = _spoof.address.rpartition("@")[2]
_kindly = (
    f"spf=fail (sender IP is {_spoof.ip})\r\n smtp.mailfrom={_KNOLL}; dkim=none (message not signed)\r\n"
    f" header.d=none;dmarc=fail action=none\r\n header.from={_KNOLL};compauth=pass reason=703"
)
_kind_spoof = replace(
    _enforced,
    name="gateway-m365-spoof",
    tells="""
A rented server writes as a lieutenant whose domain asks to reject such mail. Microsoft 365 let it pass for reasons of its
own (compauth=pass reason=703), although its SPF, DKIM and DMARC failed like ours. Its kindness is no authentication: the
real client is seen, DMARC fails, the request is held.
""",
    lines=[
        behind(
            _spoof,
            m365(_spoof, _spoof.ip, _spoof.helo, _kindly, spf="Fail"),
            expect=Expect(
                disposition="quarantine",
                must=("GATEWAY_PASSED_UNPROVEN", "DMARC_FAIL_ENFORCED"),
                must_not=(*NEVER, "GATEWAY_VOUCHES", "ARC_TRUSTED"),
                auth={"spf": "fail", "dmarc": "fail"},
            ),
        )
    ],
    config={"gateway": M365},
    files=SECRET,
)

_lie = f"spf=pass smtp.mailfrom={_KNOLL};\r\n\tdkim=pass header.d={_KNOLL}; dmarc=pass header.from={_KNOLL}"
_forged_trace = replace(
    _enforced,
    name="gateway-forged-trace",
    tells="""
The forger knows our gateway. Below the field that the gateway really wrote, he has put one in its name, which says that the
police's own server had connected, and the gateway's Authentication-Results with nothing but pass. Neither counts: only
what stands above the border is the gateway's. The forged field is named.
""",
    lines=[
        behind(
            replace(_spoof, top=own(_spoof, "192.0.2.33", f"mail.{_KNOLL}", _lie)[1:]),
            own(
                _spoof,
                _spoof.ip,
                _spoof.helo,
                f"spf=fail smtp.mailfrom={_KNOLL};\r\n\tdkim=none; dmarc=fail header.from={_KNOLL}",
            ),
            expect=Expect(
                disposition="quarantine",
                must=("GATEWAY_FORGED", "DMARC_FAIL_ENFORCED"),
                must_not=("GATEWAY_BYPASSED", "GATEWAY_VOUCHES", "DMARC_BY_GATEWAY"),
                auth={"spf": "fail", "dmarc": "fail"},
            ),
        )
    ],
    config={"gateway": {**OWN, "dmarc": True}},
)

_around = replace(
    _enforced,
    name="gateway-bypassed",
    tells="""
Every message of this inbox comes through Microsoft 365. These did not. The first was delivered straight to our node, under
a complete trace of the service, copied from a real message, in which the police's server connects and everything passes;
the second came from the service's own addresses, sent by a stranger's tenant without our mark. Nothing of either trace
counts, the way itself is named, and the requests are held.
""",
    lines=[
        replace(
            _spoof,
            id="straight",
            server=f"mail.{_KNOLL}",
            top=m365(_spoof, "192.0.2.33", f"mail.{_KNOLL}", _lie.replace("\t", " "), marked=False),
            expect=Expect(
                disposition="quarantine",
                must=("GATEWAY_BYPASSED", "GATEWAY_FORGED", "DMARC_FAIL_ENFORCED"),
                must_not=("GATEWAY_VOUCHES", "DMARC_BY_GATEWAY"),
                auth={"spf": "fail", "dmarc": "fail"},
            ),
        ),
        behind(
            replace(
                _spoof, id="stranger", at="2026-11-09T14:05:00Z", subject="Request for subscriber records, case 26-7782"
            ),
            m365(_spoof, "192.0.2.33", f"mail.{_KNOLL}", _lie.replace("\t", " "), marked=False),
            expect=Expect(
                disposition="quarantine",
                must=("GATEWAY_BYPASSED", "DMARC_FAIL_ENFORCED"),
                must_not=("GATEWAY_VOUCHES", "DMARC_BY_GATEWAY"),
                auth={"spf": "fail", "dmarc": "fail"},
            ),
        ),
    ],
    config={"gateway": {**M365, "dmarc": True}},
    files=SECRET,
)


def _banner(content: bytes) -> bytes:
    """What a gateway does to mail from outside: the subject marked, a warning on top of the text."""
    head, _, body = content.partition(b"\r\n\r\n")
    head = head.replace(b"\r\nSubject: ", b"\r\nSubject: [EXTERNAL] ")
    return head + b"\r\n\r\nCAUTION: this message came from outside.\r\n\r\n" + body


_TROOP, _RELAY = "valleypatrol.example", "relay.valleycloud.example"
_trooper = Mail(
    id="",
    at="2026-01-01T00:00:00Z",
    author=f"Tpr. Lena Ostrow <l.ostrow@{_TROOP}>",
    subject="",
    body="",
    ip="203.0.113.80",
    helo=_RELAY,
    offset=-7,
    dkim=(Signer(_TROOP),),
)
_subpoena = (
    "Subpoena {n} for subscriber records",
    """
    Please find enclosed subpoena {n}, issued under 18 U.S.C. 2703(c)(2), for the subscriber records of
    rider{n}@mail.example.

    Trooper Lena Ostrow, Badge 77, Valley Patrol, +1 614 555 0188
    """,
)


def _bannered(mail: Mail, **more: object) -> Mail:
    said = f"spf=fail smtp.mailfrom={_TROOP};\r\n\tdkim=pass header.d={_TROOP} header.s=s1;\r\n\tdmarc=pass header.from={_TROOP}"
    return behind(mail, own(mail, mail.ip, mail.helo, said), alter=_banner, **more)


_banners = Story(
    name="gateway-banner",
    tells="""
A trooper writes through the state's relay, which breaks SPF, and our own gateway marks the subject and puts a warning on
top, which breaks the signature: by what we can see, DMARC fails. The gateway saw the good signature before it changed the
message, and says so above the border; with gateway.dmarc the operator lets that count. Our own results stay what they
are, and the routine subpoena goes its way.
""",
    zone=merge(domain(_TROOP, "192.0.2.181"), reverse("203.0.113.80", _RELAY)),
    agencies=[agency("us-valley-patrol", "Valley Patrol", "US", [_TROOP], "+1 614 555 0188")],
    lines=[
        *(
            _bannered(line) if isinstance(line, Mail) else line
            for line in everyday(7, "2026-03-10T16:00:00Z", 30, _trooper, [_subpoena], called_back=(2, 6))
        ),
        _bannered(
            replace(
                _trooper,
                id="bannered",
                at="2026-11-11T16:20:00Z",
                subject=_subpoena[0].format(n=131),
                body=_subpoena[1].format(n=131),
            ),
            expect=Expect(
                disposition="forward",
                must=("DMARC_BY_GATEWAY", "GATEWAY_VOUCHES", "DMARC_FAIL", "AGENCY_LISTED"),
                must_not=(*NEVER, "DMARC_PASS", "DKIM_PASS", "AUTH_NONE"),
                auth={"spf": "fail", "dkim": "fail", "dmarc": "fail"},
            ),
        ),
    ],
    config={"gateway": {**OWN, "dmarc": True}},
)

STORIES = (_emergency, _hijack, _kind_spoof, _forged_trace, _around, _banners)
