import pytest

from tests.request.reading import lexicon, read

CITED = [
    ("US", "18 U.S.C. § 2703(d)", "pursuant to 18 U.S.C. § 2703(d)"),
    ("US", "18 U.S.C. § 2703(f)", "18 USC 2703(f)"),
    ("US", "18 U.S.C. § 2702(b)(8)", "Title 18, section 2702(b)(8)"),
    ("GB", "IPA 2016 s.60A / s.61", "section 61 of the Investigatory Powers Act 2016"),
    ("EU", "Regulation (EU) 2023/1543", "EPOC under Regulation (EU) 2023/1543"),
    ("DE", "§ 100j StPO", "gemäß § 100j Abs. 1 StPO"),
    ("DE", "§ 100g StPO", "nach §§ 100a, 100g StPO"),
    ("FR", "art. 60-1 CPP", "article 60-1 du code de procédure pénale"),
    ("FR", "art. 77-1-1 CPP", "l’article 77-1-1 du CPP"),
    ("IT", "art. 132 D.Lgs. 196/2003", "ai sensi dell'art. 132 del d.lgs. 196/2003"),
    ("ES", "LECrim art. 588 ter k", "art. 588 ter k LECrim"),
    ("PT", "Lei 109/2009 art. 14", "artigo 14.º da Lei n.º 109/2009"),
    ("NL", "art. 126na Sv", "artikel 126na Sv"),
    ("BE", "art. 46bis CIC/Sv.", "article 46bis du Code d'instruction criminelle"),
    ("AT", "§ 76a StPO", "§ 76a StPO"),
    ("IE", "CJ(MP)A 1997 s.10", "Criminal Justice (Miscellaneous Provisions) Act 1997"),
    ("IN", "s.94 BNSS 2023", "notice u/s 94 BNSS"),
    ("BR", "Lei 12.965/2014 art. 22", "Lei nº 12.965/2014"),
    ("CA", "Criminal Code 487.014", "section 487.014 of the Criminal Code"),
    ("JP", "刑訴法197条2項", "刑事訴訟法第197条第2項"),
    (None, "Budapest Convention art. 16, 17, 29", "Article 16 of the Budapest Convention"),
]


@pytest.mark.parametrize(("jurisdiction", "cite", "text"), CITED)
def test_citations_know_their_country(jurisdiction, cite, text):
    found = [b for b in read(f"Please provide the records, {text}.").legal_basis if b.text == cite]
    assert len(found) == 1
    assert found[0].jurisdiction == jurisdiction
    assert found[0].quote is not None


def test_a_special_provision_is_not_cited_twice_as_the_general_one():
    assert [b.text for b in read("Under 18 U.S.C. § 2703(d).").legal_basis] == ["18 U.S.C. § 2703(d)"]


@pytest.mark.parametrize(
    ("text", "cite"), [("§ 113 TKG", "§ 113 TKG"), ("u/s 91 CrPC", "s.91 CrPC"), ("RIPA", "RIPA 2000 s.22")]
)
def test_obsolete_law_is_marked(text, cite):
    found = {b.text: b for b in read(f"Records under {text}, please.").legal_basis}
    assert found[cite].obsolete


def test_unchecked_facts_are_advice_only():
    assert all(statute.confirmed is False for statute in lexicon().statutes if "not yet checked" in statute.source)
    assert {s.jurisdiction for s in lexicon().statutes if s.confirmed} == {"US", "EU"}


@pytest.mark.parametrize("text", ["page 2703", "room 61", "Artikel 5", "in 2016", "§ 1 BGB", "art. 132 of our terms"])
def test_numbers_are_no_law(text):
    assert read(f"Please see {text}.").legal_basis == ()


@pytest.mark.parametrize(
    ("reference", "text"),
    [
        ("26-1234", "Our case no. 26-1234."),
        ("INC/2026/778", "Incident number: INC/2026/778"),
        ("123 Js 4567/26", "Az. 123 Js 4567/26"),
        ("2026/001234", "procédure n° 2026/001234"),
        ("1234/26", "procedimento penale n. 1234/26"),
        ("123/26.4PBLSB", "NUIPC 123/26.4PBLSB"),
        ("0000123-45.2026.8.26.0001", "autos 0000123-45.2026.8.26.0001"),
        ("12/3456/26", "see 12/3456/26 for it"),
    ],
)
def test_case_numbers(reference, text):
    request = read(f"Please provide the records. {text}")
    assert request.reference == reference
    assert reference in request.quotes["reference"].text


@pytest.mark.parametrize("text", ["in this case 12.03.2026", "reference is made", "the file.", "report at 10:30"])
def test_no_case_number(text):
    assert read(f"Please note {text}").reference is None
