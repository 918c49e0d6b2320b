# SPDX-License-Identifier: Apache-2.0
"""The pages of `skant -f html` and `skantctl report`: what is in them, and how they work in a browser."""
import csv
import decimal
import io
import os
import re
import subprocess
import unittest

import chromium
import htmlpage
from mockapi import Mock
from skantctl_support import SKANTCTL
from support import SkantTest, make_key

FINDINGS, USAGE = 1, 2
POLICY = """version: 1
names: {teams: [ml, backend, data, web], environments: [prod, staging, dev]}
rotation: {warn_after: 60d, max_age: 90d, unused_after: 30d}
budgets:
  - {organization: true, monthly: 20000, alert_at: [50, 80, 95]}
  - {team: ml, monthly: 1000, alert_at: [80]}
  - {team: backend, daily: 10, alert_at: [80]}
  - {department: research, monthly: 900, alert_at: [80]}
  - {workspace: ml-prod, monthly: 700, alert_at: [80]}
  - {key: ml-prod-inference, monthly: 50}
departments: {research: {workspaces: [ml-prod, ops-prod]}}
"""
PLANTED = "<img src=x onerror=alert(1)>\"'&"

# The least contrast of all texts that are shown: WCAG 2.2, 1.4.3, with the colours as they are rendered.
CONTRAST = """(() => {
  const parse = (c) => c.match(/[\\d.]+/g).map(Number);
  const light = (c) => {
    const [r, g, b] = c.slice(0, 3).map((v) => v / 255).map((v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (e) => {
    for (; e; e = e.parentElement) {
      const c = parse(getComputedStyle(e).backgroundColor);
      if (c.length < 4 || c[3] === 1) return c;
    }
    return matchMedia('(prefers-color-scheme: dark)').matches ? [18, 22, 28] : [255, 255, 255];
  };
  let least = [99, ''], count = 0;
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const e = walker.currentNode.parentElement, text = walker.currentNode.data.trim();
    if (!text || ['SCRIPT', 'STYLE', 'NOSCRIPT'].includes(e.tagName) || e.namespaceURI.endsWith('svg') && e.tagName === 'title'
        || !e.checkVisibility()) continue;
    const style = getComputedStyle(e), is_svg = e.namespaceURI.endsWith('svg');
    const a = light(parse(is_svg ? style.fill : style.color)), b = light(ground(e));
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    count++;
    if (ratio < least[0]) least = [ratio, text.slice(0, 40) + ' ' + e.tagName + '.' + e.getAttribute('class')];
  }
  return [least[0], least[1], count];
})()"""

# What goes out of the page at its sides, but for what scrolls by itself.
OVERFLOW = """[...document.querySelectorAll('body *')].filter((e) => !e.closest('.scroll, nav, .skip') && e.checkVisibility() &&
  e.getBoundingClientRect().right > document.documentElement.clientWidth + 1).map((e) => e.tagName + '.' + e.className)"""


class Pages(SkantTest):
    """Makes the pages once a test needs them."""

    def scan_page(self, count=30, name="scan.html"):
        for n in range(count):
            self.write(f"src/{n % 5}/f{n}.py", f"k = '{make_key(n)}'  # {PLANTED}\n")
        r = self.skant("dir", "-q", "-f", "html=" + name, "src")
        self.assertEqual(r.status, FINDINGS, r.err)
        return os.path.join(self.dir, name)

    def skantctl(self, mock, *args):
        env = {**os.environ, **mock.env("admin", "compliance"), "SKANT_POLICY": os.path.join(self.dir, "policy.yaml")}
        return subprocess.run([SKANTCTL, *args], env=env, cwd=self.dir, capture_output=True, check=False)

    def report_page(self, mock, *args, name="report.html"):
        self.write("policy.yaml", POLICY)
        done = self.skantctl(mock, "report", *args, "--html", name)
        self.assertEqual(done.returncode, 0, done.stderr)
        return os.path.join(self.dir, name)

    def read(self, path):
        with open(path, encoding="utf-8") as f:
            return f.read()


class Scan(Pages):
    def test_a_page_is_well_formed_and_loads_nothing(self):
        page = self.read(self.scan_page())
        self.assertEqual(htmlpage.complaints(page), [])
        self.assertNotIn("<img", page)
        self.assertEqual(re.findall(r"(?:src|href)=\"(?!#|data:,\")", page), [])
        self.assertIn("default-src 'none'", page)

    def test_rows_beyond_those_that_are_kept_are_all_in_the_page(self):
        self.write("k", f"k = '{make_key(1)}'\n" * 1800)
        r = self.skant("dir", "-q", "-f", "html", "k")
        page = htmlpage.Page(r.text)
        self.assertEqual(sorted(int(row["Line"]) for row in page.tables["findings"].dicts()), list(range(1, 1801)))
        self.assertEqual(page.facts["critical"], "1,800")
        self.assertIn("And 1300 more", page.text)


class Report(Pages):
    def table(self, mock, *args):
        done = self.skantctl(mock, *args, "-o", "csv")
        self.assertIn(done.returncode, (0, 1), done.stderr)
        return list(csv.DictReader(io.StringIO(done.stdout.decode(), newline="")))

    def test_numbers_are_those_of_the_commands(self):
        window = ("--from", "2026-08-01", "--to", "2026-11-01")
        with Mock(now="2026-11-01T12:00:00Z", self_feed="off", keys=60, users=30, usage=150) as mock:
            page = htmlpage.Page(self.read(self.report_page(mock, "all", *window)))
            for dimension, table, title in (("team", "team-list", "Team"), ("model", "model-list", "Model"),
                                            ("key", "key-costs", "Id"), ("workspace", "workspace-list", "Id")):
                rows = self.table(mock, "cost", "--group-by", dimension, *window)
                name = next(k for k in rows[0] if k in (dimension, dimension + "_id", "api_key_id"))
                wanted = {r[name]: decimal.Decimal(r["amount_usd"]) for r in rows}
                shown = {r[title].replace("(none)", ""): decimal.Decimal(r["Cost in USD"])
                         for r in page.tables[table].dicts()}
                self.assertEqual(sorted(v for v in shown.values() if v), sorted(v for v in wanted.values() if v))
                for key in set(shown) & set(wanted):
                    self.assertEqual(shown[key], wanted[key], key)
                self.assertEqual(decimal.Decimal(page.tables[table].totals[1]), sum(wanted.values()))
            months = page.tables["months-table"].dicts()
            self.assertEqual([m["Month"] for m in months], ["2026-08", "2026-09", "2026-10"])
            wanted = {r["month"]: decimal.Decimal(r["amount_usd"])
                      for r in self.table(mock, "cost", "--group-by", "month", *window)}
            self.assertEqual({m["Month"]: decimal.Decimal(m["USD"]) for m in months}, wanted)
            self.assert_growth(page, self.table(mock, "cost", "--group-by", "month,team", *window))

    def assert_growth(self, page, rows):
        wanted = {r["team"]: r["growth_percent"] for r in rows if r["month"] == "2026-10"}
        self.assertEqual({r["growth_over"] for r in rows if r["month"] == "2026-10"}, {"2026-09"})
        shown = {r["Team"].replace("(none)", ""): r["2026-10 over 2026-09"] for r in page.tables["team-list"].dicts()}
        self.assertEqual({k: v.lstrip("+").removesuffix(" %") for k, v in shown.items() if v}, wanted)

    def assert_budgets(self, page, mock, month):
        """The page's budgets are those of cost --projection over the whole month, and its charts' months too."""
        window = ("--from", month + "-01", "--to", f"{month[:5]}{int(month[5:]) + 1:02}-01", "--projection")
        budgets = {(r["Budget of"], r["Period"]): r for r in page.tables["budgets"].dicts()}
        for scope, word, name in (("organization", "total", ""), ("team", "team", "ml"), ("department", "department", "research"),
                                  ("workspace", "workspace", "ml-prod"), ("key", "key", "ml-prod-inference")):
            rows = self.table(mock, "cost", "--group-by", word, *window)
            rows = [r for r in rows if r.get(word, "") == name]
            self.assertGreaterEqual(len(rows), 1)
            shown = budgets[f"{scope} {name}".strip(), "monthly"]
            used = sum(decimal.Decimal(r["amount_usd"]) for r in rows)
            self.assertEqual((shown["Of"], decimal.Decimal(shown["Used in USD"])), (month, used), scope)
            self.assertEqual(decimal.Decimal(shown["Limit in USD"]), decimal.Decimal(rows[0]["limit_usd"]))
            self.assertEqual(shown["Used"].removesuffix(" %").replace(",", ""), rows[0]["used_percent"])
            if name:
                row, = [r for r in page.tables[f"{scope}-budgets-table"].dicts() if r[scope.capitalize()] == name]
                self.assertEqual(decimal.Decimal(row[month]), used)

    def test_keys_and_their_violations_are_those_of_the_audit(self):
        with Mock(keys=60, users=30, usage=150) as mock:
            page = htmlpage.Page(self.read(self.report_page(mock, "keys")))
            listed = self.table(mock, "keys", "list")
            audit = self.table(mock, "keys", "audit")
        rows = {r["Id"]: r for r in page.tables["key-list"].dicts()}
        self.assertEqual(set(rows), {r["id"] for r in listed})
        self.assertGreater(len(audit), 5)
        wanted = {key: [] for key in rows}
        for row in audit:
            wanted[row["id"]] += [row["code"]] if row["code"] else []
            self.assertEqual(rows[row["id"]]["Age in days"], row["age_days"])
        self.assertEqual({key: row["Violations"].split() for key, row in rows.items()}, wanted)
        self.assertEqual(sorted(r["What is wrong, and what would be right"] for r in page.tables["violation-list"].dicts()),
                         sorted(r["message"] for r in audit if r["code"]))

    def test_people_workspaces_and_invitations_are_all_there(self):
        with Mock(users=12, invites=9) as mock:
            page = htmlpage.Page(self.read(self.report_page(mock, "access")))
            users = self.table(mock, "users", "list")
            open_invites = [i for i in self.table(mock, "invites", "list") if i["status"] == "pending"]
            workspaces = self.table(mock, "workspaces", "list")
            members = {w["id"]: self.table(mock, "members", "list", "--workspace", w["id"]) for w in workspaces}
        self.assertEqual({r["Person"]: r["Role"] for r in page.tables["people"].dicts()},
                         {u["email"]: u["role"] for u in users})
        self.assertEqual(len(page.tables["invite-list"].rows if open_invites else []), len(open_invites))
        letters = {"workspace_admin": "A", "workspace_developer": "D", "workspace_restricted_developer": "R",
                   "workspace_user": "U", "workspace_billing": "B"}
        emails = {u["id"]: u["email"] for u in users}
        matrix = {row[0]: dict(zip(page.tables["access-matrix"].heads, row)) for row in page.tables["access-matrix"].rows}
        for workspace in workspaces:
            for user in users:
                role = next((m.get("workspace_role") or m.get("role") for m in members[workspace["id"]]
                             if m["user_id"] == user["id"]), None)
                self.assertEqual(matrix[emails[user["id"]]][workspace["name"]], letters.get(role, ""))

    def test_a_page_says_how_it_was_made(self):
        with Mock(now="2026-11-01T12:00:00Z", self_feed="off") as mock:
            page = htmlpage.Page(self.read(self.report_page(mock, "usage", "--from", "2026-09-10", "--to", "2026-10-01")))
            self.assert_budgets(page, mock, "2026-09")  # judged by the whole month
        self.assertEqual(page.facts["Usage and cost of"], "2026-09-10T00:00:00Z to 2026-10-01T00:00:00Z")
        self.assertEqual(page.facts["API"], mock.url)
        self.assertTrue(page.facts["Policy"].endswith("policy.yaml"))
        self.assertNotIn("key-list", page.tables)
        self.assertEqual([r["Budget of"] for r in page.tables["budgets"].dicts()],
                         ["organization", "team ml", "team backend", "department research", "workspace ml-prod",
                          "key ml-prod-inference"])
        self.assertIn("all of 2026-09, which begins before the time", page.text)
        self.assertNotIn("2026-09 over", page.text)

    def test_a_page_is_whole_or_not_there(self):
        faults = {"faults": [{"match": {"path": "/v1/organizations/cost_report"}, "do": {"status": 403}}]}
        with Mock(faults) as mock:
            self.write("policy.yaml", POLICY)
            self.write("old.html", "old")
            done = self.skantctl(mock, "report", "all", "--html", "old.html")
            self.assertEqual(done.returncode, 3, done.stderr)
            self.assertEqual(self.read(os.path.join(self.dir, "old.html")), "old")
            done = self.skantctl(mock, "report", "usage", "--from", "2026-13-01", "--html", "x.html")
            self.assertEqual(done.returncode, USAGE)
            self.assertFalse(os.path.exists(os.path.join(self.dir, "x.html")))

    def test_without_a_file_the_page_goes_where_output_goes_but_to_no_terminal(self):
        with Mock() as mock:
            self.write("policy.yaml", POLICY)
            done = self.skantctl(mock, "report", "access")
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertTrue(done.stdout.startswith(b"<!DOCTYPE html>"))
            self.assertEqual(htmlpage.complaints(done.stdout.decode()), [])


@unittest.skipIf(chromium.missing(), chromium.missing())
class Browser(Pages):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.browser = chromium.Chromium()

    @classmethod
    def tearDownClass(cls):
        cls.browser.close()
        super().tearDownClass()

    def each_page(self):
        with Mock(keys=60, users=30, usage=150) as mock:
            return [self.scan_page(), self.report_page(mock, "all")]

    def test_pages_render_without_an_error_or_a_request_in_light_and_dark(self):
        for path in self.each_page():
            for scheme in ("light", "dark"):
                with self.subTest(path=path, scheme=scheme), self.browser.open(path, scheme=scheme) as page:
                    self.assertEqual((page.errors, page.requests), ([], []))
                    least, where, count = page.eval(CONTRAST)
                    self.assertGreater(count, 100)
                    self.assertGreaterEqual(least, 4.5, where)
                    ground = page.eval("getComputedStyle(document.body).backgroundColor")
                    self.assertEqual(ground, "rgb(18, 22, 28)" if scheme == "dark" else "rgb(245, 246, 248)")
                    self.assertGreater(page.eval("document.querySelector('svg rect').getBoundingClientRect().height"), 0)

    def test_nothing_goes_over_the_side_of_a_narrow_screen(self):
        for path in self.each_page():
            with self.subTest(path), self.browser.open(path, width=360) as page:
                self.assertLessEqual(page.eval("document.documentElement.scrollWidth"), 360)
                self.assertEqual(page.eval(OVERFLOW), [])

    def test_a_keyboard_is_enough(self):
        with self.browser.open(self.scan_page()) as page:
            page.press("Tab")
            self.assertEqual(page.eval("document.activeElement.className"), "skip")
            self.assertGreaterEqual(page.eval("document.activeElement.getBoundingClientRect().left"), 0)
            for _ in range(60):
                page.press("Tab")
                if page.eval("document.activeElement.textContent") == "Line":
                    break
            self.assertEqual(page.eval("document.activeElement.tagName"), "BUTTON")
            self.assertEqual(page.eval("getComputedStyle(document.activeElement).outlineStyle"), "solid")
            page.press("Enter")
            self.assertEqual(page.eval("document.activeElement.closest('th').ariaSort"), "descending")
            page.press(" ")
            self.assertEqual(page.eval("document.activeElement.closest('th').ariaSort"), "ascending")
            page.eval("document.querySelector('input[type=search]').focus()")
            page.type("src/3 f13")
            self.assertEqual(page.eval("[...document.querySelectorAll('#findings tbody tr:not(.group)')].length"), 1)
            self.assertEqual(page.eval("document.querySelector('[role=status]').textContent"),
                             "1 of 30 rows with “src/3 f13”")

    def test_rows_that_are_data_are_shown_sorted_and_grouped_by_the_script(self):
        self.write("src/k", "".join(f"k{n} = '{make_key(n)}' {PLANTED}\n" for n in range(1300)))
        path = self.scan_page()
        shown = "document.querySelectorAll('#findings tbody tr:not(.group)').length"
        with self.browser.open(path) as page:
            self.assertEqual(page.eval(shown), 50)
            page.eval("[...document.querySelectorAll('.more button')].find((b) => b.textContent === 'Show all').click()")
            self.assertEqual(page.eval(shown), 1330)
            self.assertEqual(page.eval("document.images.length"), 0)
            page.eval("(() => { const s = document.querySelector('select'); s.value = 2;"
                      " s.dispatchEvent(new Event('change')); })()")
            self.assertEqual(page.eval("[...document.querySelectorAll('tr.group button')].slice(0, 2).map((b) => b.textContent)"),
                             ["src/0/f0.py", "src/0/f10.py"])
            page.eval("document.querySelector('tr.group button').click()")
            self.assertEqual(page.eval("document.querySelector('tr.group button').ariaExpanded"), "false")
            self.assertEqual(page.errors, [])

    def test_printed_all_rows_are_there_and_nothing_to_press(self):
        self.write("src/k", "".join(f"k{n} = '{make_key(n)}'\n" for n in range(700)))
        with self.browser.open(self.scan_page()) as page:
            page.eval("window.printed = 0; window.addEventListener('beforeprint', () => window.printed ="
                      " document.querySelectorAll('#findings tbody tr:not(.group)').length); 0")
            pdf = page.print()
            self.assertTrue(pdf.startswith(b"%PDF"))
            self.assertGreater(len(re.findall(rb"/Type\s*/Page\b", pdf)), 5)
            self.assertEqual(page.eval("window.printed"), 730)
            page.call("Emulation.setEmulatedMedia", media="print")
            self.assertFalse(page.eval("document.querySelector('.tools label').checkVisibility()"))
            self.assertFalse(page.eval("document.querySelector('nav').checkVisibility()"))

    def test_without_scripts_all_but_what_is_data_can_be_read(self):
        with self.browser.open(self.scan_page(), script=False) as page:
            rows = page.call("DOM.performSearch", query="#findings tbody tr")["resultCount"]
            self.assertEqual(rows, 30)
            self.assertEqual(page.call("DOM.performSearch", query="#findings button")["resultCount"], 0)
            self.assertEqual(page.errors, [])


if __name__ == "__main__":
    unittest.main()
