"""Both pages in a real browser, as readers open them: from a file, with the network off."""

import base64
import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT
from made_up import make_map, make_params, make_results

from seqcompare.report import reproduce
from seqcompare.report.figures.comparison import pictures
from seqcompare.report.language import load_language
from seqcompare.report.page import page

pytestmark = pytest.mark.browser
FLAGS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--hide-scrollbars",
)  # fmt: skip
WIDTHS = (1280, 390)
MADE_UP: dict[str, Any] = {"zh, three": ("zh", 3, "many"), "en, one": ("en", 1, "one")}


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    chromium, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if not chromium or not driver:
        reason = "needs Debian's chromium and chromium-driver: apt-get install them"
        if os.environ.get("SEQCOMPARE_REQUIRE_BROWSER"):
            pytest.fail(reason)
        pytest.skip(reason)
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for flag in [*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('browser')}"]:
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    window = webdriver.Chrome(options=options, service=Service(driver))
    window.set_script_timeout(120)  # a busy machine is no failure
    window.execute_cdp_cmd("Network.enable", {})
    offline = {"offline": True, "latency": 0, "downloadThroughput": 0, "uploadThroughput": 0}
    window.execute_cdp_cmd("Network.emulateNetworkConditions", offline)
    window.get("about:blank")  # the browser's first page asks for things of its own
    yield window
    window.quit()


@pytest.fixture(scope="module", params=["report.html", "studies.html", *MADE_UP])
def shown(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The committed pages, and made-up ones in both languages, of one model and of three."""
    if request.param not in MADE_UP:
        return ROOT / "reports" / request.param
    code, models, design = MADE_UP[request.param]
    tr, file = load_language(code), tmp_path_factory.mktemp("page") / "page.html"
    results = make_results(models, design=design)
    if models > 1:
        results = replace(results, maps={"settings": make_map()})
    committed = make_params().model_dump(mode="json")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reproduce, "_check", lambda file: f"sha256sum {file}")
        file.write_bytes(page(results, pictures(results, tr), committed, tr))
    return file


def opened(browser: Any, file: Path, width: int, scheme: str = "light") -> list[str]:
    """Show the page; returns every address that it asked for."""
    browser.get_log("performance"), browser.get_log("browser")
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    feature = {"name": "prefers-color-scheme", "value": scheme}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})
    browser.get(file.as_uri())
    events = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    sent = [event["params"] for event in events if event["method"] == "Network.requestWillBeSent"]
    urls = [each["request"]["url"] for each in sent]
    return [url for url in urls if not url.startswith("chrome://")]


@pytest.mark.parametrize("width", WIDTHS)
def test_a_page_asks_for_nothing_fits_its_window_and_reports_no_error(
    browser: Any, shown: Path, width: int
) -> None:
    asked = opened(browser, shown, width)
    assert [each for each in asked if not each.startswith("data:")] == [shown.as_uri()]
    assert browser.get_log("browser") == []
    assert browser.execute_script("return document.documentElement.scrollWidth") <= width
    for image in browser.find_elements("css selector", "img"):
        assert image.get_property("naturalWidth") > 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_page_has_no_violation_that_axe_finds(browser: Any, shown: Path, scheme: str) -> None:
    """Contrast, labels, order of headings, landmarks, heads of tables and more."""
    opened(browser, shown, 1280, scheme)
    browser.execute_script("document.querySelectorAll('details').forEach(e => e.open = true)")
    browser.execute_script(files("axe_core_python").joinpath("axe.min.js").read_text())
    done = "axe.run().then(found => arguments[0](found.violations))"
    violations = browser.execute_async_script(done)
    assert [(each["id"], each["nodes"][0]["html"][:200]) for each in violations] == []


def test_a_page_prints(browser: Any, shown: Path) -> None:
    opened(browser, shown, 1280)
    printed = browser.execute_cdp_cmd("Page.printToPDF", {"preferCSSPageSize": True})
    assert base64.b64decode(printed["data"]).startswith(b"%PDF")
