"""Understands a legal request from text: what is asked, about whom, on what law, by when, and is a life at stake.

Pure: no clock, no network. The words and laws are data (config/phrases, config/statutes).
"""

from edrguard.request.lexicon import Lexicon
from edrguard.request.load import load_lexicon
from edrguard.request.text import Source
from edrguard.request.understand import understand

__all__ = ["Lexicon", "Source", "load_lexicon", "understand"]
