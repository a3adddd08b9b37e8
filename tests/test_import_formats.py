"""HTML, DOCX and PDF → the document that is read; what cannot be read is told in a line and leaves nothing."""

import io
import zipfile

import docx
import pypdf
import pytest
from docx.oxml import parse_xml
from importing import TITLE, run

from corpus.document import read_document

HTML = """<html><head><title>x</title><script>alert(1)</script></head><body>
<header>Universitetet i Ingensteds</header><nav><ul><li><a href="/">Hjem</a></li></ul></nav>
<main><article><header><h1>Retningslinje for laboratorier</h1></header><p>Gjelder <b>alle</b> laber.<br>Uten unntak.</p>
<h2>1 Ansvar</h2><p>Lederen skal:</p><ol><li>gi opplæring</li><li>føre tilsyn<ul><li>hver uke</li></ul></li></ol>
<aside>Les også</aside><img src="a.png" alt="Et kart"></article></main><footer>Kontakt oss</footer></body></html>"""


def test_html_is_read_without_what_leads_around(organisation, tmp_path):
    page = tmp_path / "page.html"
    page.write_bytes(HTML.encode("latin-1").replace(b"<head>", b'<head><meta charset="iso-8859-1">'))
    done = run(organisation, page)
    document = read_document(organisation / "documents/verksted")
    assert "left out" in done.stderr and "1 aside" in done.stderr and "Et kart" in done.stderr
    assert document.text == (
        "Retningslinje for laboratorier\nGjelder alle laber. Uten unntak.\n\n"
        "1 Ansvar\nLederen skal:\n• 1. gi opplæring\n• 2. føre tilsyn\n• hver uke\n"
    )
    assert {p.quote: p.lead_in for p in document.passages}["hver uke"] == "2. føre tilsyn"


def word(tmp_path):
    made = docx.Document()
    made.add_heading("Retningslinje for laboratorier", 0)
    made.add_heading("Ansvar", 1)
    made.add_paragraph("Lederen skal:")
    made.add_paragraph("gi opplæring", style="List Bullet")
    made.add_paragraph("føre tilsyn", style="List Number")
    made.add_heading("Om tilsyn", 2)
    table = made.add_table(1, 2)
    table.cell(0, 0).text, table.cell(0, 1).text = "Hver uke", "Verneombudet"
    file = tmp_path / "guideline.docx"
    made.save(file)
    return file


def test_docx_keeps_headings_lists_and_tables(organisation, tmp_path):
    assert run(organisation, word(tmp_path)).exit_code == 0
    document = read_document(organisation / "documents/verksted")
    assert [section.path for section in document.sections] == [
        ("Retningslinje for laboratorier",),
        ("Ansvar",),
        ("Ansvar", "Om tilsyn"),
    ]
    assert [(p.lead_in, p.quote) for p in document.passages] == [
        ("Lederen skal:", "gi opplæring"),
        ("Lederen skal:", "1. føre tilsyn"),
        (None, "Hver uke | Verneombudet"),
    ]


def test_numbers_that_word_counts_are_kept(organisation, tmp_path):
    made = docx.Document()
    numbering = made.part.numbering_part.element
    levels = "".join(
        f'<w:lvl w:ilvl="{n}"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:lvlText w:val="{text}"/></w:lvl>'
        for n, text in enumerate(("%1.", "%1.%2"))
    )
    space = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    numbering.insert(0, parse_xml(f'<w:abstractNum {space} w:abstractNumId="77">{levels}</w:abstractNum>'))
    numbering.append(parse_xml(f'<w:num {space} w:numId="77"><w:abstractNumId w:val="77"/></w:num>'))
    for text, depth in (("Formål", 0), ("Ansvar", 0), ("Lederen", 1), ("Verneombudet", 1), ("Tilsyn", 0), ("Rom", 1)):
        heading = made.add_heading(text, depth + 1)
        number = f'<w:numPr {space}><w:ilvl w:val="{depth}"/><w:numId w:val="77"/></w:numPr>'
        heading._p.get_or_add_pPr().append(parse_xml(number))
    file = tmp_path / "numbered.docx"
    made.save(file)
    assert "nothing but headings" in run(organisation, file).stderr
    made.add_paragraph("Verkstedet er et rom.")
    made.save(file)
    assert run(organisation, file).exit_code == 0
    headings = [section.heading for section in read_document(organisation / "documents/verksted").sections]
    assert headings == [TITLE, "1. Formål", "2. Ansvar", "2.1 Lederen", "2.2 Verneombudet", "3. Tilsyn", "3.1 Rom"]


def pdf(lines):
    """A PDF of one page with these lines."""
    shown = " ".join(f"({line}) Tj 0 -14 Td" for line in lines)
    stream = f"BT /F1 11 Tf 50 780 Td {shown} ET".encode("latin-1")
    font = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >> stream\n%s\nendstream" % (len(stream), stream),
        font,
    ]
    out, places = io.BytesIO(b"%PDF-1.4\n"), []
    out.seek(0, io.SEEK_END)
    for number, content in enumerate(objects, 1):
        places.append(out.tell())
        out.write(b"%d 0 obj %s endobj\n" % (number, content))
    start = out.tell()
    out.write(b"xref\n0 6\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % place for place in places))
    out.write(b"trailer << /Size 6 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF" % start)
    return out.getvalue()


def test_a_pdf_is_a_draft_with_a_warning(organisation, tmp_path):
    file = tmp_path / "guideline.pdf"
    lines = ["1 Ansvar", "Lederen skal sørge for at alle som arbeider i laboratoriet får opp-", "læring.", "2 Tilsyn"]
    file.write_bytes(pdf([*lines, "Verneombudet ser til laboratoriet hver uke."]))
    done = run(organisation, file)
    assert (done.exit_code, "read as a draft" in done.stderr) == (0, True)
    document = read_document(organisation / "documents/verksted")
    assert [section.heading for section in document.sections] == [TITLE, "1 Ansvar", "2 Tilsyn"]
    assert "Lederen skal sørge for at alle som arbeider i laboratoriet får opplæring." in document.text


def blank():
    out, writer = io.BytesIO(), pypdf.PdfWriter()
    writer.add_blank_page(200, 200)
    writer.write(out)
    return out.getvalue()


def cut_docx():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("word/document.xml", "<w:document>")
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.docx", lambda: b"PK\x03\x04 not a zip", "is no DOCX, or is damaged"),
        ("a.docx", cut_docx, "is no DOCX, or is damaged"),
        ("a.pdf", blank, "its pages are pictures (scanned)"),
        ("a.pdf", lambda: b"%PDF-1.4 and no more", "is no PDF, or is damaged"),
        ("a.md", lambda: "# Lov\n\nEn s\xe6tning".encode("latin-1"), "line 3 is not valid UTF-8"),
        ("a.md", lambda: b"# Lov\n\0\0", "line 2 is no text"),
        ("a.html", lambda: bytes(range(256)) * 9, "is no HTML"),
        ("a.html", lambda: b"<nav>Hjem</nav><script>x</script>", "there is no text in it"),
        ("a.html", lambda: b"", "there is no text in it"),
        ("a.exe", lambda: b"MZ", "has to be one of .md"),
    ],
)
def test_a_file_that_cannot_be_read_is_told_in_a_line_and_leaves_nothing(organisation, tmp_path, name, content, says):
    file = tmp_path / name
    file.write_bytes(content())
    done = run(organisation, file)
    assert done.exit_code == 1, done.output
    assert done.stderr.startswith(f"{file}: ") and says in done.stderr
    assert done.stderr.count("\n") == 1
    assert [folder.name for folder in (organisation / "documents").iterdir()] == ["hms-handboka"]


def test_a_page_that_names_its_menus_by_classes_is_read_without_them(organisation, tmp_path):
    file = tmp_path / "page.html"
    file.write_text(
        '<body class="page-nav"><div class="navbar top"><a href="/">Hjem</a></div><div class="breadcrumb">Hjem</div>'
        '<div class="content"><h1>Verkstedet</h1><p>Lederen skal se til verkstedet hver uke.</p></div>'
        '<div id="sidebar"><ul><li>Les mer</li></ul></div><div class="footer">Kontakt oss</div></body>',
        encoding="utf-8",
    )
    done = run(organisation, file)
    assert "1 breadcrumb, 1 footer, 1 navbar, 1 sidebar" in done.stderr
    text = read_document(organisation / "documents/verksted").text
    assert text.split("\n\n")[-1] == "Verkstedet\nLederen skal se til verkstedet hver uke.\n"


def test_a_file_of_more_than_50_mb_is_not_read(organisation, tmp_path):
    file = tmp_path / "large.md"
    with file.open("wb") as large:
        large.truncate(51_000_000)
    done = run(organisation, file)
    assert (done.exit_code, done.stderr) == (1, f"{file}: is 51 MB, at most 50 are read\n")
