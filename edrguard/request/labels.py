"""Words that announce a name, a number or a list of them, in folded text."""

from typing import Any

from edrguard.request import patterns

#: What a row of names may begin with. Behind *for* or *of* stands, nearly always, a plain word with another one behind
#: it: those are passed over in the search itself (rows.row looks again, and exactly).
_NO_SENTENCE = (
    r"(?:$|[^a-z]|[a-z]+(?:$|[^a-z ]| (?:$|[^0-9a-z]|"
    r"(?:and|und|et|e|y|en|for|over|during|fur|sur|nel|in|no|de)(?:$|[^0-9a-z_]))))"
)
_NUMBER = r"[a-z]{0,6}[-_]?[0-9\x{80}-\x{10ffff}]"  #: how a number of an account begins


def _labels(words: str, tail: str, value: str = "") -> Any:
    """A word that announces a value, in folded text, with what stands between the two; ``value``: how it begins."""
    return patterns.compiled(rf"(?:^|[^0-9a-z\x{{80}}-\x{{10ffff}}])((?:{words}){tail}){value}")


NAMED = _labels(
    r"user ?names?|handles?|screen ?names?|nick ?names?|gamertag|display name|user|alias|benutzernamen?|"
    r"nutzernamen?|pseudo(?:nyme)?s?|nom d'utilisateur|identifiant|nome utente|utente|usuari[oa]s?|nick|apodo|"
    r"utilizador|gebruikersnaam|anvandarnamn|brukernavn|brugernavn|nazwa uzytkownika|telegram|instagram|discord|"
    r"snapchat|tiktok|account name|profile|profil[eo]?|perfil",
    r"(?: (?:is|of|ist|est|e|es|name|named|called|with|account|id))? ?[:=]? ?[\"'@]?",
)
ACCOUNT = _labels(
    r"accounts?|user ?ids?|uid|customers?|client|kunden|konto|nutzer|benutzer|compte|conto|cuenta|conta|rekening|"
    r"account ?id|profile ?id|member|wallet|order|transaction",
    r"[ -]?(?:nummer|kennung|id|no\.?|nr\.?|numbers?|num\.?|#|numero|ids?|n[o.]{1,2})? ?[:=#]? ?",
    _NUMBER,
)
PERSON = _labels(
    r"full name|real name|name|suspect|subject|victim|missing person|target|nom(?: et prenom)?|nominativo|intestatario|"
    r"nombre|nome|naam|namn|navn|vermisste person|beschuldigter?|indagato|investigado|titular",
    r" ?: ?",
)
LIST = _labels(
    r"accounts?|accs?|accts?|users?|user ?names?|handles?|konto|konten|kennung(?:en)?|nutzer|comptes?|utenz[ae]|"
    r"utent[ei]|cuentas?|usuarios?|contas?|utilizador(?:es)?|identifiers?|targets?|profiles?",
    r"(?:\(s\))? ?[:=] ?",
)
LEAD = _labels(
    r"for|of|to|von|de|di|do|da|du|van|regarding|concerning|in relation to|in respect of|with respect to|zu|fur|"
    r"bezuglich|betreffend|hinsichtlich|concernant|pour|per|riguardant[ei]|relativ[iaoe]s? ad?|relatifs? a|"
    r"relativement a|su|sobre|para|respecto (?:a|de)l?|referentes? a|voor|inzake|betreffende|met betrekking tot|over|"
    r"account|acct|user|konto|compte|cuenta|conta",
    " ",
    _NO_SENTENCE,
)
ROW = _labels(
    r"accounts?|users?|user ?names?|handles?|profiles?|konten|konto|nutzern?|benutzern?|comptes?|utilisateurs?|"
    r"utent[ei]|cuentas?|usuari[oa]s?|contas?|utilizador(?:es)?|gebruikers?|accounts? van",
    " ",
    _NO_SENTENCE,
)
