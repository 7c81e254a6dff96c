"""Put the tables of kept results, and which goals they reach, into the reports.

    python benchmarks/tables.py [--check]

In docs/reports/*.md what stands between a line ``<!-- table: NAME -->`` and the next
``<!-- end -->`` becomes the table of benchmarks/results/NAME.json, and what follows
``<!-- goals -->`` says which goals of that report's tables are reached, so that no figure of them
is typed by hand. With ``--check`` nothing is written: it ends with 1 where a report says something
else than its results, and where a result stands in no report.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import harness

HERE = Path(__file__).parent
RESULTS = HERE / "results"
REPORTS = HERE.parent / "docs" / "reports"
TABLE = re.compile(r"(<!-- table: (\S+) -->\n).*?(<!-- end -->)", re.DOTALL)
GOALS = re.compile(r"(<!-- goals -->\n).*?(<!-- end -->)", re.DOTALL)


def main() -> None:
    found = results()
    texts = {path: path.read_text(encoding="utf-8") for path in sorted(REPORTS.glob("*.md"))}
    filled = {path: fill(text, found) for path, text in texts.items()}
    if "--check" in sys.argv:
        shown = {name for text in texts.values() for _, name, _ in TABLE.findall(text)}
        wrong = [path.name for path in texts if texts[path] != filled[path]]
        sys.exit("\n".join(wrong + sorted(found.keys() ^ shown)) or 0)
    for path, text in filled.items():
        path.write_text(text, encoding="utf-8")


def results() -> dict[str, dict]:
    """Return all kept results by name."""
    return {path.stem: json.loads(path.read_text()) for path in sorted(RESULTS.glob("*.json"))}


def fill(text: str, found: dict[str, dict]) -> str:
    """Return a report with its tables and goals as the results have them."""
    named = [found[name] for _, name, _ in TABLE.findall(text)]
    text = TABLE.sub(lambda match: f"{match[1]}{harness.table(found[match[2]])}\n{match[3]}", text)
    return GOALS.sub(lambda match: f"{match[1]}{_goals(named)}\n{match[2]}", text)


def _goals(found: list[dict]) -> str:
    """Say how many goals are reached, and which are not."""
    set_ = [ratio for each in found for ratio in each["ratios"] if ratio["goal"]]
    missed = [ratio for ratio in set_ if not ratio["reached"]]
    if not missed:
        return f"All {len(set_)} goals in the tables below are reached."
    lines = [
        f"- {each['ours']} / {each['beside']}: {each['median']:.2f}, to reach {each['goal']}"
        for each in missed
    ]
    reached = len(set_) - len(missed)
    said = f"Of the {len(set_)} goals in the tables below {reached} are reached. Not reached:"
    return "\n".join([said, "", *lines])


if __name__ == "__main__":
    main()
