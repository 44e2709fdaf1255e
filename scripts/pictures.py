"""Makes the pictures of the README anew from a demo run: pages, letter, before and after redaction."""

import re
import shutil
import tempfile
from functools import partial
from pathlib import Path
from urllib.parse import urlencode

import cv2
import httpx
import numpy as np
import pypdfium2
from playwright.sync_api import Browser, Page, sync_playwright
from pypdf import PdfReader
from rich.console import Console

from core.logging import configure_logging
from core.settings import Settings
from core.unit_of_work import Actor
from workers import demo
from workers.bootstrap import build

OUT = Path(__file__).parent.parent / "docs" / "images"


def pages(folder: Path, url: str, token: str) -> None:
    """The handlers' work list, a case, the month in numbers and the review desk, as a browser shows them."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=["--no-sandbox", "--disable-background-networking", "--disable-gpu", "--disable-dev-shm-usage"],
        )
        page = browser.new_page(viewport={"width": 1180, "height": 900})
        page.goto(f"{url}/handlers/login")
        page.get_by_label("Your token").fill(token)
        page.get_by_role("button", name="Log in", exact=True).click()
        page.screenshot(path=OUT / "work-list.png")
        page.get_by_role("link", name="scene_014").click()
        page.screenshot(path=OUT / "case.png")
        page.goto(f"{url}/handlers/appeals")
        page.screenshot(path=OUT / "appeals.png")
        page.locator("[data-row]").first.click()
        page.screenshot(path=OUT / "appeal.png")
        page.goto(f"{url}/handlers/money/report?month=2026-09")
        page.screenshot(path=OUT / "month-report.png")
        page.goto(f"{url}/handlers/money")
        page.screenshot(path=OUT / "money.png")
        page.goto(f"{url}/handlers/cameras")
        page.screenshot(path=OUT / "cameras.png")
        page.goto(f"{url}/handlers/quarantine")
        page.locator("table").last.get_by_role("link").first.click()
        page.screenshot(path=OUT / "quarantine.png")
        page.goto(f"{url}/handlers/installation")
        page.screenshot(path=OUT / "installation.png")
        citizen(browser, url, token, folder / "out" / "letters")
        page.set_viewport_size({"width": 1500, "height": 940})
        page.goto(f"{url}/handlers/review")
        page.wait_for_selector("#desk[data-shown]")
        page.screenshot(path=OUT / "review-desk.png")
        retention(page, folder, url)
        browser.close()


def retention(page: Page, folder: Path, url: str) -> None:
    """What is kept, and what went; last of all, for it goes."""
    rooms = build(Settings(data_dir=folder / "data")).services
    held = rooms.ingest.captures(limit=1)[0].id
    rooms.retention.hold(Actor("handler", "pictures", frozenset({"senior"})), held, "klacht bij de ombudsman")
    rooms.retention.run()
    page.set_viewport_size({"width": 1180, "height": 900})
    page.goto(f"{url}/handlers/retention")
    page.screenshot(path=OUT / "retention.png", full_page=True)


def citizen(browser: Browser, url: str, token: str, letters: Path) -> None:
    """A case that is not paid yet, opened by what stands on its letter: on a phone in Dutch, at a desk in English."""
    with httpx.Client(base_url=url, headers={"Authorization": f"Bearer {token}"}, trust_env=False) as http:
        fate = next(f for f in http.get("/v1/handlers/captures").json() if f["fate"] == "increased_once")
        case = http.get(f"/v1/handlers/decisions/{fate['decisionId']}").json()
    text = PdfReader(letters / f"{fate['captureId']}_decision_1.pdf").pages[0].extract_text()
    code = re.findall(r"Toegangscode\s+([0-9A-Z]{4} [0-9A-Z]{4})", text)[0]
    said = urlencode({"zaak": case["caseNumber"], "kenteken": case["plate"], "code": code})
    for size, locale in ((390, "nl-NL"), (1440, "en-GB")):
        page = browser.new_page(viewport={"width": size, "height": 900}, locale=locale)
        page.goto(f"{url}/#{said}")
        page.locator("#enter button").click()
        page.locator("img.photo").evaluate("image => image.decode()")
        page.screenshot(path=OUT / f"citizen-case-{size}.png", full_page=True)
        case_page = page.url
        page.goto(f"{case_page}/photo")
        page.screenshot(path=OUT / f"citizen-photo-{size}.png", full_page=True)
        page.goto(f"{case_page}/not-me/ground")
        page.screenshot(path=OUT / f"citizen-step-{size}.png", full_page=True)
        page.goto(f"{case_page}/mandate/who")
        page.screenshot(path=OUT / f"citizen-mandate-{size}.png", full_page=True)
        page.close()


def letter(pdf: Path) -> None:
    page = pypdfium2.PdfDocument(pdf)[0].render(scale=1.3).to_pil()
    page.save(OUT / "letter.png", optimize=True)


def redaction(original: Path, redacted: Path) -> None:
    both = [
        cv2.resize(cv2.imread(str(path)), (640, 480), interpolation=cv2.INTER_AREA) for path in (original, redacted)
    ]
    cv2.imwrite(str(OUT / "redaction.jpg"), np.hstack(both), [cv2.IMWRITE_JPEG_QUALITY, 85])


def main() -> None:
    configure_logging("ERROR")
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        if not demo.run(Console(), folder, None, 0, partial(pages, folder)):
            raise SystemExit("the demo did not end well; the pictures were not made")
        letter(next((folder / "out" / "letters").glob("scene_002-*_decision_1.pdf")))
        redaction(folder / "photos" / "scene_002.jpg", next((folder / "out" / "redacted_photos").glob("scene_002-*")))


if __name__ == "__main__":
    main()
