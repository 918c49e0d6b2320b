# SPDX-License-Identifier: Apache-2.0
"""Reads the pages that skant and skantctl write, as a program would: tables with all their rows, those that are data as
well, and the text between them."""
import html.parser
import json

try:
    import html5lib
except ImportError:
    html5lib = None

CELLS = ("td", "th")


def complaints(page):
    """What HTML's own parser (html.spec.whatwg.org, section 13.2) has against it; nothing when it is not installed."""
    if html5lib is None:
        return []
    parser = html5lib.HTMLParser()
    parser.parse(page)
    return [(place, code) for place, code, _ in parser.errors]


class Table:
    def __init__(self):
        self.heads, self.types, self.rows, self.totals = [], [], [], None

    def dicts(self):
        """Each row by the titles of its columns; money is exact, numbers have no commas."""
        return [dict(zip(self.heads, row)) for row in self.rows]


class Page(html.parser.HTMLParser):
    """tables: by id. text: all there is to read. facts: of the lists of terms."""

    def __init__(self, page):
        super().__init__()
        self.tables, self.text, self.facts = {}, "", {}
        self._table = self._data = self._cell = self._part = None
        self._term, self._list = None, None
        self._blocks = {}
        self.feed(page)
        self.close()
        self._end_cell()
        for name, rows in self._blocks.items():
            self.tables[name].rows += rows

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag == "script":
            self._data = attrs.get("data-table", "")
        elif tag in ("style", "title"):
            self._data = ""
        elif tag == "table":
            self._table = self.tables[attrs["id"]] = Table()
        elif tag in ("thead", "tbody", "tfoot"):
            self._end_cell()
            self._part = tag
        elif tag == "tr" and self._table:
            self._end_cell()
            if self._part == "tbody":
                self._table.rows.append([])
            elif self._part == "tfoot":
                self._table.totals = []
        elif tag in CELLS:
            self._end_cell()
            self._cell = [attrs.get("data-v"), ""]
            if self._part == "thead":
                self._table.types.append(attrs["data-type"])
        elif tag in ("dt", "dd"):
            self._list = [tag, ""]

    def handle_endtag(self, tag):
        if tag in ("script", "style", "title"):
            self._data = None
        elif tag in ("tr", "table", "thead", "tbody", "tfoot") + CELLS:
            self._end_cell()
            if tag == "table":
                self._table = None
        elif tag in ("dt", "dd") and self._list:
            if tag == "dt":
                self._term = self._list[1]
            else:
                self.facts[self._term] = self._list[1]
            self._list = None

    def handle_data(self, data):
        if self._data:
            self._blocks.setdefault(self._data, []).extend(json.loads(data))
        elif self._data is None:
            self.text += data
            if self._cell:
                self._cell[1] += data
            if self._list:
                self._list[1] += data

    def _end_cell(self):
        if not self._cell:
            return
        exact, text = self._cell
        self._cell = None
        text = text.strip()
        if self._part == "thead":
            self._table.heads.append(text)
            return
        row = self._table.totals if self._part == "tfoot" else self._table.rows[-1]
        if self._table.types[len(row)] == "number":
            text = text.replace(",", "")
        row.append(text if exact is None else exact)
