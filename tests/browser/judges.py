"""Others who judge the pages: axe-core from inside, Lighthouse from outside. `node-tools` fetches them."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.conftest import skip_unless_in_ci

if TYPE_CHECKING:
    from playwright.sync_api import Page

# What axe calls serious keeps people from using a page; what it calls moderate makes it a nuisance.
BAD_IMPACTS = ("serious", "critical")
LIGHTHOUSE_SECONDS = 240


@cache
def node_modules() -> Path:
    """The folder of both; skips the test (fails it in CI) when they cannot be had."""
    made = subprocess.run([Path(__file__).with_name("node-tools")], stdout=subprocess.PIPE, text=True, check=False)
    if made.returncode:
        skip_unless_in_ci("axe-core and Lighthouse cannot be fetched; is there a network?")
    return Path(made.stdout.strip())


def faults_of(page: Page, *rules: str) -> list[str]:
    """What axe-core finds wrong with the page as it stands, a line each, in words; `rules`: of those alone."""
    axe = (node_modules() / "axe-core" / "axe.min.js").read_text()
    # The page's own policy allows no foreign script; one that the browser's driver brings in is not the page's.
    page.evaluate(f"() => {{ {axe} }}")
    # Its preloading of style sheets would set styles that the page's policy refuses.
    asked: dict[str, object] = {"preload": False, **({"runOnly": list(rules)} if rules else {})}
    found: list[dict[str, Any]] = page.evaluate("async (asked) => (await axe.run(document, asked)).violations", asked)
    return [
        f"{fault['impact']}: {fault['id']}: {node['target']}: {node['failureSummary']}"
        for fault in found
        for node in fault["nodes"]
    ]


def serious(faults: Sequence[str]) -> list[str]:
    """Those that keep somebody from using the page."""
    return [fault for fault in faults if fault.startswith(BAD_IMPACTS)]


def lighthouse(address: str, port: int, categories: Sequence[str], target: Path) -> dict[str, Any]:
    """Lighthouse's report of `address`, in the Chromium that can be driven on `port`, with what it has stored."""
    command = [
        "node",
        str(node_modules() / "lighthouse" / "cli" / "index.js"),
        address,
        f"--port={port}",
        "--disable-storage-reset",
        f"--only-categories={','.join(categories)}",
        "--output=json",
        f"--output-path={target}",
        "--quiet",
        # The page listens for news for ever: the network is never idle.
        "--max-wait-for-load=20000",
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=LIGHTHOUSE_SECONDS, check=False)
    if not target.is_file():
        pytest.fail(f"Lighthouse has no report: {done.stderr[-2000:]}")
    report: dict[str, Any] = json.loads(target.read_text())
    return report


def scores_of(report: dict[str, Any]) -> dict[str, int]:
    """0 to 100 by category."""
    return {name: round(100 * category["score"]) for name, category in report["categories"].items()}


def shortcomings_of(report: dict[str, Any]) -> list[str]:
    """The audits that cost points, in words."""
    weighed = {
        ref["id"] for category in report["categories"].values() for ref in category["auditRefs"] if ref["weight"]
    }
    return [
        f"{name}: {audit['title']} {json.dumps(audit.get('details', {}).get('items', []))[:600]}"
        for name, audit in report["audits"].items()
        if name in weighed and audit["score"] is not None and audit["score"] < 1
    ]
