"""Messages made to cost as much as a message of their size can: name -> builder(size in octets).

They are not broken by chance, as those of the fuzzer are, but aimed: each is the near miss of a pattern, the deepest
nesting, the longest list or the bomb that some reader of its kind has choked on.
"""

from collections.abc import Callable, Mapping

from tests.fuzz.hostile import files, headers, html, mime, pages, together, words

Builder = Callable[[int], bytes]

BUILDERS: Mapping[str, Builder] = {
    f"{room.__name__.rpartition('.')[2]}/{name}": build
    for room in (headers, mime, html, words, files, pages, together)
    for name, build in room.BUILDERS.items()
}
