"""An operator at the page, in Debian's chromium. Usage: page_browser.py URL WALK [ARGUMENT...]

Walks: `tour LINK FAILED_RUN` with JavaScript, `plain LINK` without, `keyboard LINK`, `looks LINK`, `live LINK COMMAND`. Each prints `ok WALK`, or fails
with what was wrong. A message of the console or a broken Content-Security-Policy is wrong in any case.
"""

import os
import sys

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect, sync_playwright

PAGES = ["/", "/jobs", "/jobs/metrics-rollup", "/runs", "/domains", "/certificates", "/storage", "/previews", "/audit"]
base, walk, arguments = sys.argv[1], sys.argv[2], sys.argv[3:]
messages = []


def context(browser, **options):
    made = browser.new_context(**options)
    made.set_default_timeout(20_000)
    # A policy that is broken is told by the page itself before any script of ours.
    made.add_init_script("addEventListener('securitypolicyviolation', (e) => console.error('policy: ' + e.violatedDirective))")
    page = made.new_page()
    page.on("console", lambda message: messages.append(message.text))
    page.on("pageerror", lambda error: messages.append(str(error)))
    return page


def quiet():
    assert not messages, messages


def judge(page, what):
    """No violation of WCAG that axe-core finds, no sideways scrolling."""
    found = [
        (rule["id"], [node["html"] for node in rule["nodes"]][:3])
        for rule in Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}).response["violations"]
    ]
    assert not found, (what, found)
    wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wider <= 0, (what, wider)


def sign_in(page, link):
    page.goto(f"{base}/sign-in#{link}")
    assert link not in page.url, "the link stays in the address"
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{base}/")


def tour(browser, link, failed):
    page = context(browser)
    sign_in(page, link)
    assert "failing" in page.title(), page.title()
    # From the overview to the failed run.
    page.get_by_role("region", name="What needs you").get_by_role("link", name="log-archive").click()
    page.wait_for_url(f"{base}/runs/{failed}")
    expect(page.get_by_text("disk full").first).to_be_visible()
    page.get_by_label("What came of it").fill("a bigger disk is there")
    page.get_by_role("button", name="Acknowledge").click()
    expect(page.get_by_text("a bigger disk is there")).to_be_visible()
    # Pause and resume.
    page.goto(f"{base}/jobs/metrics-rollup")
    page.get_by_label("Why it is paused").fill("db1 is being moved")
    page.get_by_role("button", name="Pause its schedule").click()
    expect(page.get_by_text("db1 is being moved").first).to_be_visible()
    page.get_by_role("button", name="Resume").click()
    expect(page.get_by_role("button", name="Pause its schedule")).to_be_visible()
    # Run now, and watch.
    page.get_by_role("button", name="Run now").click()
    page.wait_for_url(f"{base}/runs/*")
    expect(page.get_by_role("log")).to_contain_text("plan decided")
    expect(page.locator("#run-state")).to_contain_text("succeeded")
    # The reader's clock.
    shown = page.locator("main time").first.inner_text()
    page.get_by_role("button", name="Show local time").click()
    assert page.locator("main time").first.inner_text() != shown
    assert "Kolkata" in page.locator("footer").inner_text() or "Calcutta" in page.locator("footer").inner_text()
    page.get_by_role("button", name="Show UTC").click()
    assert page.locator("main time").first.inner_text() == shown
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_text("You are signed out.")).to_be_visible()
    quiet()


def live(browser, link, command):
    """A page that stays open tells what happens elsewhere, and keeps what is open and where the focus is."""
    page = context(browser)
    page.clock.install()
    sign_in(page, link)
    page.goto(f"{base}/jobs")
    page.get_by_role("link", name="log-archive", exact=True).focus()
    assert os.system(command) == 0, command
    page.clock.fast_forward(11_000)
    expect(page.get_by_text("paused from elsewhere")).to_be_visible()
    assert page.evaluate("document.activeElement.textContent") == "log-archive"
    quiet()


def plain(browser, link):
    page = context(browser, java_script_enabled=False)
    page.goto(f"{base}/jobs/metrics-rollup")
    page.get_by_label("Sign-in link").fill(link)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{base}/jobs/metrics-rollup")
    page.get_by_label("Why it is paused").fill("no script")
    page.get_by_role("button", name="Pause its schedule").click()
    expect(page.get_by_text("no script").first).to_be_visible()
    page.get_by_role("button", name="Resume").click()
    page.get_by_role("button", name="Run now").click()
    page.wait_for_url(f"{base}/runs/*")
    for _ in range(100):
        if page.locator("#run-state").inner_text().strip().endswith("succeeded"):
            break
        page.wait_for_timeout(100)
        page.reload()
    expect(page.get_by_role("log")).to_contain_text("plan decided")
    page.get_by_text("What it printed when it ended").click()
    expect(page.get_by_text('"outcome": "succeeded"')).to_be_visible()
    page.goto(f"{base}/runs")
    page.get_by_label("State").select_option("succeeded")
    page.get_by_role("button", name="Show").click()
    assert "state=succeeded" in page.url
    for path in PAGES:
        page.goto(base + path)
        assert page.get_by_role("heading", level=1).is_visible(), path
    assert not page.get_by_role("button", name="Show local time").is_visible()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_text("You are signed out.")).to_be_visible()
    quiet()


def keyboard(browser, link):
    """From signing in to a paused job without a mouse."""
    page = context(browser)
    page.goto(f"{base}/sign-in#{link}")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{base}/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    box = page.locator(".skip").bounding_box()
    assert box["width"] > 50 and box["y"] >= 0, box
    page.keyboard.press("Enter")

    def to(name):
        for _ in range(80):
            page.keyboard.press("Tab")
            said = page.evaluate("document.activeElement.textContent.trim() || document.activeElement.name")
            outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
            assert outline != "none", ("no ring", said)
            if said == name:
                return
        raise AssertionError(f"Tab does not lead to {name}")

    to("metrics-rollup")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{base}/jobs/metrics-rollup")
    to("why")
    page.keyboard.type("by hand")
    to("Pause its schedule")
    page.keyboard.press("Enter")
    expect(page.get_by_text("by hand").first).to_be_visible()
    quiet()


def looks(browser, link):
    """Every page, in both schemes and on a phone."""
    page = context(browser)
    judge_sign_in = context(browser, viewport={"width": 360, "height": 740})
    judge_sign_in.goto(f"{base}/sign-in")
    judge(judge_sign_in, "/sign-in")
    sign_in(page, link)
    cookies = page.context.cookies()
    run = page.locator("a[href^='/runs/']").first.get_attribute("href")
    grounds = {}
    for scheme in ["light", "dark"]:
        for width in [1280, 360]:
            page = context(browser, viewport={"width": width, "height": 740}, color_scheme=scheme, reduced_motion="reduce")
            page.context.add_cookies(cookies)
            for path in PAGES + [run]:
                page.goto(base + path)
                judge(page, (path, scheme, width))
                moving = page.evaluate("[...document.querySelectorAll('*')].filter((e) => getComputedStyle(e).transitionDuration !== '0s').length")
                assert moving == 0, (path, moving)
            grounds[scheme] = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert grounds["light"] != grounds["dark"], grounds
    quiet()


with sync_playwright() as playwright:
    browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"], env=os.environ | {"TZ": "Asia/Kolkata"})
    {"tour": tour, "live": live, "plain": plain, "keyboard": keyboard, "looks": looks}[walk](browser, *arguments)
    browser.close()
print(f"ok {walk}")
