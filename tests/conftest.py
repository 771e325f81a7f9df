"""For all tests: no property test fails for the time that it took, because machines differ."""

from hypothesis import settings

settings.register_profile("edrguard", deadline=None)
settings.load_profile("edrguard")
