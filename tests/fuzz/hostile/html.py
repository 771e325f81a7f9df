"""HTML: nesting, entities, tables, style sheets, links, and tags that never end."""

from collections.abc import Callable

from tests.fuzz.hostile.base import fill, mail


def page(unit: bytes, before: bytes = b"", after: bytes = b"") -> Callable[[int], bytes]:
    return lambda size: mail(before + fill(unit, size) + after, b"text/html; charset=utf-8")


def deep(tag: bytes) -> Callable[[int], bytes]:
    return lambda size: mail(
        fill(b"<" + tag + b">", size // 2) + fill(b"</" + tag + b">", size // 2), b"text/html; charset=utf-8"
    )


def many_attributes(size: int) -> bytes:
    return mail(b"<a " + b" ".join(b"a%d=%d" % (n, n) for n in range(size // 12)) + b">", b"text/html")


BUILDERS = {
    "divs": page(b"<div>"),
    "spans": deep(b"span"),
    "tables": page(b"<table><tr><td>"),
    "paragraphs": page(b"<p>x"),
    "crossed": page(b"<b><i></b></i>"),
    "crossed-blocks": page(b"<b><div></b>x"),
    "wrong-ends": page(b"</i></b></table>", before=b"<b>" * 1900),
    "deep-wrong-ends": page(b"<i></b>", before=b"<b>" + b"<div>" * 1900),
    "inline-around-blocks": page(b"<b></font>", before=b"<font>" + b"<div>" * 900 + b"<font>" * 900),
    "lists": page(b"<li>", before=b"<ul>" * 1900),
    "styled": page(b"<span style='color:white;font-size:1px'>x</span>"),
    "styles-deep": page(b"<font color=white>x"),
    "attributes": many_attributes,
    "attributes-per-tag": page(b"<a b=1 c=2 d=3 e=4 f>"),
    "unfinished-tags": page(b"<a "),
    "open-quotes": page(b"<a b='"),
    "less-thans": page(b"<"),
    "ampersands": page(b"&"),
    "entities": page(b"&amp;"),
    "numeric-entities": page(b"&#x10FFFF;"),
    "long-entities": page(b"&CounterClockwiseContourIntegral;"),
    "unfinished-entities": page(b"&CounterClockwiseContourIntegra"),
    "long-number-entities": page(b"9", before=b"&#", after=b";"),
    "comments": page(b"<!--"),
    "short-comments": page(b"<!-->"),
    "conditional-comments": page(b"<!--[if mso]>x<![endif]-->"),
    "scripts": page(b"<script>"),
    "styles": page(b"<style>a{b:c}</style>"),
    "style-sheet": page(b".a{display:none}", before=b"<style>", after=b"</style><p class=a>x"),
    "style-media": page(b"@media x{a{b:c}", before=b"<style>"),
    "style-braces": page(b"{", before=b"<style>", after=b"</style>"),
    "style-selectors": page(b"a,", before=b"<style>", after=b"{display:none}</style>"),
    "style-overflow": page(b"height:0;", before=b"<style>.a{", after=b"}</style>"),
    "style-attribute": page(b"overflow:hidden;", before=b"<p style='", after=b"'>x"),
    "style-attributes": page(b"<p style='" + b"overflow:hidden;height: " * 80 + b"'>"),
    "style-indents": page(b"<p style='" + b"text-indent:-" * 150 + b"'>"),
    "style-classes": page(b"<b class='" + b"a " * 400 + b"'>", before=b"<style>.b{display:none}</style>"),
    "links": page(b"<a href=http://a.example/>b</a>"),
    "different-links": lambda size: mail(
        b"".join(b"<a href=http://a%d.example/>http://b%d.example</a>" % (n, n) for n in range(size // 50)),
        b"text/html",
    ),
    "long-links": page(b"<a href='http://" + b"a" * 3000 + b"'>b</a>"),
    "link-blanks": page(b"\t", before=b"<a href='http://a.example", after=b"'>x</a>"),
    "links-with-users": page(b"<a href=http://a@b@c@d@e.example>x</a>"),
    "links-of-brackets": page(b"<a href=http://[[[[>x</a>"),
    "links-percent": page(b"<a href=http://a.example/%2e%2e%2f%40>x</a>"),
    "forms": page(b"<form action=http://a.example/>"),
    "hidden": page(b"<p hidden>secret words</p>"),
    "hidden-once": page(b"secret ", before=b"<div hidden>"),
    "pre": page(b"<pre>  \n  </pre>"),
    "blanks": page(b" \t\r\n"),
    "nbsp": page("\u00a0 \u200b".encode()),
    "breaks": page(b"<br>"),
    "textareas": page(b"<textarea>"),
    "titles": page(b"<title>x"),
    "nuls": page(b"<\0a>"),
    "upper-case": page(b"<DIV STYLE='DISPLAY:NONE'>x</DIV>"),
    "images": page(b"<img alt='words here' src=cid:x>"),
    "svg": page(b"<svg><a>", after=b"x"),
}
