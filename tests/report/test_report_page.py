"""The page in a real browser, as readers open it: from a file, with the network off."""

import base64
import json
import os
import re
import shutil
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from made_up import make_content, make_results

from seqcompare.report.captions import COST_PANELS, LOOKBACK_PANELS
from seqcompare.report.figures.comparison import PANELS
from seqcompare.report.page import page
from seqcompare.report.texts import load_texts

pytestmark = pytest.mark.browser
FLAGS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
]
WIDTHS = (1280, 375)


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
    yield window
    window.quit()


@pytest.fixture(scope="module", params=[("en", 2, False), ("zh", 3, True), ("zh", 1, False)])
def made_page(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pages of both languages, with one model to three, with and without studies."""
    language, models, studied = request.param
    content = make_content(make_results(models), language, studied)
    file = tmp_path_factory.mktemp("page") / "report.html"
    file.write_bytes(page(content, load_texts(language)))
    return file


def opened(browser: Any, file: Path, width: int) -> list[str]:
    """Shows the page at that width; returns every address that it asked for."""
    browser.get_log("performance"), browser.get_log("browser")
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < 500},
    )
    browser.get(file.as_uri())
    events = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    return [
        event["params"]["request"]["url"]
        for event in events
        if event["method"] == "Network.requestWillBeSent"
    ]


def looks(browser: Any, scheme: str) -> None:
    """As a reader has set it: light or dark."""
    feature = {"name": "prefers-color-scheme", "value": scheme}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})


def visible(browser: Any, selector: str) -> list[bool]:
    return [
        element.is_displayed() and element.rect["height"] > 10
        for element in browser.find_elements("css selector", selector)
    ]


@pytest.mark.parametrize("width", WIDTHS)
def test_the_page_asks_for_nothing_and_reports_no_error(
    browser: Any, made_page: Path, width: int
) -> None:
    asked = opened(browser, made_page, width)
    assert [address for address in asked if not address.startswith("data:")] == [made_page.as_uri()]
    assert browser.get_log("browser") == []


@pytest.mark.parametrize("width", WIDTHS)
def test_everything_is_visible_and_nothing_wider_than_the_window(
    browser: Any, made_page: Path, width: int
) -> None:
    opened(browser, made_page, width)
    for selector in ("#verdict", "figure svg", "figcaption", "section > .scroll table", "h2"):
        assert set(visible(browser, selector)) == {True}, selector
    studied = bool(browser.find_elements("css selector", "#cost"))
    studies = (*COST_PANELS, *LOOKBACK_PANELS) if studied else ()
    assert len(visible(browser, "figure svg")) == len(PANELS) + len(studies)
    widest = browser.execute_script(
        "return [...document.querySelectorAll('body *')]"
        ".filter(e => !e.closest('.scroll, svg, .skip, pre'))"
        ".map(e => [e.getBoundingClientRect().right, e.outerHTML.slice(0, 80)])"
        ".sort((a, b) => b[0] - a[0])[0]"
    )
    assert widest[0] <= width, widest[1]
    assert browser.execute_script("return document.documentElement.scrollWidth") <= width


def test_the_page_is_there_in_two_seconds(browser: Any, made_page: Path) -> None:
    opened(browser, made_page, 1280)
    timing = "const t = performance.getEntriesByType('navigation')[0]; return t.loadEventEnd"
    assert 0 < browser.execute_script(timing) < 2000


def drawn_by_own_font(browser: Any, node: int) -> int:
    """How many letters of a node the font that the page brings along draws."""
    used = browser.execute_cdp_cmd("CSS.getPlatformFontsForNode", {"nodeId": node})["fonts"]
    return sum(round(font["glyphCount"]) for font in used if font["isCustomFont"])


def test_every_chinese_letter_is_drawn_by_the_font_that_the_page_brings_along(
    browser: Any, made_page: Path
) -> None:
    opened(browser, made_page, 1280)
    browser.execute_script("document.querySelectorAll('details').forEach(e => e.open = true)")
    selector = "h1, h2, h3, p:not([hidden]), dt, th, td, legend, nav a, figcaption, summary"
    found = browser.find_elements("css selector", selector)
    texts = [each.get_property("textContent") for each in found]
    for domain in ("DOM", "CSS"):
        browser.execute_cdp_cmd(f"{domain}.enable", {})
    root = browser.execute_cdp_cmd("DOM.getDocument", {})["root"]["nodeId"]
    query = {"nodeId": root, "selector": selector}
    nodes = browser.execute_cdp_cmd("DOM.querySelectorAll", query)["nodeIds"]
    for text, node in zip(texts, nodes, strict=True):
        chinese = re.findall("[\u2e80-\u9fff\uff00-\uffef]", text)
        assert drawn_by_own_font(browser, node) == len(chinese), text


def test_a_model_is_hidden_and_shown_by_the_keyboard(browser: Any, made_page: Path) -> None:
    opened(browser, made_page, 1280)
    line = "#figure-loss [data-model=lstm][data-part=mean]"
    box = browser.find_element("css selector", "input[value=lstm]")
    assert visible(browser, line) == [True]
    box.send_keys(" ")
    assert visible(browser, line) == [False]
    box.send_keys(" ")
    assert visible(browser, line) == [True]


def test_nothing_of_a_hidden_model_is_left_in_a_figure(browser: Any, made_page: Path) -> None:
    opened(browser, made_page, 1280)
    browser.find_element("css selector", "input[value=transformer], input[value=lstm]").send_keys(
        " "
    )
    coloured = browser.execute_script(
        "const hidden = document.querySelector('input[name=model]:not(:checked)').value;"
        "const colour = getComputedStyle(document.querySelector("
        "  `.scores [data-model=${hidden}]`)).getPropertyValue('--colour').toLowerCase();"
        "return [...document.querySelectorAll('figure svg *')]"
        ".filter(e => !e.closest('.off, defs')"
        "  && e.getAttribute('style')?.includes(colour)).map(e => e.outerHTML.slice(0, 99))"
    )
    assert coloured == []


def test_single_trials_can_be_seen(browser: Any, made_page: Path) -> None:
    opened(browser, made_page, 1280)
    opacity = (
        "return getComputedStyle(document.querySelector("
        "'#figure-loss [data-part=seed-0] path')).strokeOpacity"
    )
    assert float(browser.execute_script(opacity)) == 0
    browser.find_element("css selector", "input[name=trials]").send_keys(" ")
    assert float(browser.execute_script(opacity)) > 0.5


def test_values_can_be_read_by_pointer_and_by_keyboard(browser: Any, made_page: Path) -> None:
    from selenium.webdriver import ActionChains, Keys

    opened(browser, made_page, 1280)
    figure = browser.find_element("css selector", "#figure-loss")
    ActionChains(browser).move_to_element(figure.find_element("css selector", "svg")).perform()
    assert "LSTM" in figure.find_element("css selector", ".readout").text
    figure.send_keys(Keys.HOME)
    first = figure.find_element("css selector", ".readout").text
    figure.send_keys(Keys.ARROW_RIGHT)
    assert first.split("\n")[0].endswith(" 1")
    assert figure.find_element("css selector", ".readout").text.split("\n")[0].endswith(" 2")
    figure.send_keys(Keys.ESCAPE)
    assert not figure.find_element("css selector", ".readout").is_displayed()


def test_what_is_read_out_fits_on_a_phone(browser: Any, made_page: Path) -> None:
    opened(browser, made_page, 375)
    browser.find_element("css selector", "input[name=trials]").send_keys(" ")
    for figure in browser.find_elements("css selector", "figure[tabindex]"):
        figure.send_keys("\ue012")  # arrow left
        assert figure.find_element("css selector", ".readout").is_displayed()
        assert browser.execute_script("return document.documentElement.scrollWidth") <= 375


def test_a_row_of_the_costs_is_a_line_on_a_phone_too(browser: Any, made_page: Path) -> None:
    opened(browser, made_page, 375)
    heights = browser.execute_script(
        "document.querySelectorAll('#cost details').forEach(each => each.open = true);"
        "return [...document.querySelectorAll('#cost tbody tr')].map(row => row.offsetHeight)"
    )
    assert max(heights, default=0) < 45


def test_the_page_is_complete_without_scripts(browser: Any, made_page: Path) -> None:
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        opened(browser, made_page, 1280)
        for selector in ("#verdict", "figure svg", "section > .scroll table"):
            assert set(visible(browser, selector)) == {True}, selector
        assert set(visible(browser, ".toggles, #hint")) == {False}
    finally:
        browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_a_checker_of_accessibility_finds_nothing(
    browser: Any, made_page: Path, width: int, scheme: str
) -> None:
    """axe-core: contrast, labels, headings in order, landmarks, heads of tables and more."""
    looks(browser, scheme)
    opened(browser, made_page, width)
    browser.execute_script("document.querySelectorAll('details').forEach(e => e.open = true)")
    browser.execute_script(files("axe_core_python").joinpath("axe.min.js").read_text())
    done = "axe.run().then(found => arguments[0](found.violations))"
    violations = browser.execute_async_script(done)
    looks(browser, "light")
    assert [(each["id"], each["nodes"][0]["html"][:200]) for each in violations] == []


def test_pictures_keep_their_paper_in_the_dark(browser: Any, made_page: Path) -> None:
    def paper(selector: str) -> str:
        script = f"return getComputedStyle(document.querySelector('{selector}')).backgroundColor"
        return str(browser.execute_script(script))

    looks(browser, "dark")
    opened(browser, made_page, 1280)
    page, picture = paper("body"), paper("figure svg")
    looks(browser, "light")
    assert picture == paper("body") == "rgb(255, 255, 255)"
    assert page != picture


def test_what_has_the_focus_is_seen(browser: Any, made_page: Path) -> None:
    from selenium.webdriver import ActionChains, Keys

    opened(browser, made_page, 1280)
    seen = (
        "const s = getComputedStyle(document.activeElement); return s.outlineStyle + s.outlineWidth"
    )
    for _ in range(12):
        ActionChains(browser).send_keys(Keys.TAB).perform()
        assert browser.execute_script(seen) == "solid3px"


def test_the_page_prints(browser: Any, made_page: Path) -> None:
    opened(browser, made_page, 1280)
    printed = browser.execute_cdp_cmd("Page.printToPDF", {"preferCSSPageSize": True})
    assert base64.b64decode(printed["data"]).startswith(b"%PDF")


def test_dvc_plots_are_drawn_without_network(browser: Any, tmp_path: Path) -> None:
    template = Path(__file__).parents[2] / ".dvc/plots/page.html"
    spec = {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "data": {"values": [{"x": 1, "y": 2}, {"x": 2, "y": 1}]},
        "mark": "line",
        "encoding": {"x": {"field": "x"}, "y": {"field": "y"}},
    }
    plot = f"<div id='plot'></div><script>vegaEmbed('#plot', {json.dumps(spec)});</script>"
    text = template.read_text(encoding="utf-8").replace("{refresh_tag}", "")
    file = tmp_path / "plots.html"
    file.write_text(text.replace("{plot_divs}", plot), encoding="utf-8")
    asked = opened(browser, file, 1280)
    assert [address for address in asked if not address.startswith("data:")] == [file.as_uri()]
    assert True in visible(browser, "#plot canvas, #plot svg")
