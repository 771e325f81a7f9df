"""What stands in court: the audit log and its proof, the bundle of a case, and the report to be printed."""

from edrguard.evidence.bundle import EvidenceStore, NodeFacts, export, rotations_of
from edrguard.evidence.chain import Fault, Health, check_chain, check_store
from edrguard.evidence.keys import ROTATED, key_chain
from edrguard.evidence.notary import Notary, read_checkpoints
from edrguard.evidence.proof import plain_entry, read_entry
from edrguard.evidence.report import make_report
from edrguard.evidence.signing import (
    PublicKey,
    Signer,
    new_key,
    plain_checkpoint,
    read_checkpoint,
    read_private,
    read_public,
)
from edrguard.evidence.verify import Answer, Check, Status, plain_answer, verify

__all__ = [
    "ROTATED",
    "Answer",
    "Check",
    "EvidenceStore",
    "Fault",
    "Health",
    "NodeFacts",
    "Notary",
    "PublicKey",
    "Signer",
    "Status",
    "check_chain",
    "check_store",
    "export",
    "key_chain",
    "make_report",
    "new_key",
    "plain_answer",
    "plain_checkpoint",
    "plain_entry",
    "read_checkpoint",
    "read_checkpoints",
    "read_entry",
    "read_private",
    "read_public",
    "rotations_of",
    "verify",
]
