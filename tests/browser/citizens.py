"""What citizens do on the pages, in the language of their choice."""

from typing import Any

from playwright.sync_api import Page, expect

from api.web.languages import catalogue


class Citizen:
    """Reads the pages in a language, and counts them."""

    def __init__(self, page: Page, language: str = "en") -> None:
        self.page = page
        self.language = language
        self.loads = 0
        page.on("framenavigated", self._count)

    def _count(self, frame: Any) -> None:
        self.loads += frame == self.page.main_frame

    def words(self, text: str, **values: Any) -> str:
        """What the page says for a text of the catalogue."""
        entry = catalogue(self.language).get(text) if self.language != "en" else None
        said = str(entry.string) if entry else text
        return said % values if values else said

    def come_in(self, case: dict[str, Any]) -> None:
        """With what stands on the letter."""
        self.page.goto("/")
        self.fill("Case number", case["caseNumber"])
        self.fill("Number plate", case["plate"])
        self.fill("Access code", case["accessCode"])
        self.press("See your fine")

    def fill(self, label: str, value: str) -> None:
        self.page.get_by_label(self.words(label)).fill(value)

    def choose(self, label: str) -> None:
        self.page.get_by_label(self.words(label)).check()

    def press(self, name: str, **values: Any) -> None:
        self.page.get_by_role("button", name=self.words(name, **values), exact=True).click()
        self.page.wait_for_load_state()

    def follow(self, name: str) -> None:
        self.page.get_by_role("link", name=self.words(name), exact=True).click()
        self.page.wait_for_load_state()

    def sees(self, text: str, **values: Any) -> None:
        expect(self.page.get_by_text(self.words(text, **values)).first).to_be_visible()

    def reads(self, heading: str, **values: Any) -> None:
        expect(self.page.get_by_role("heading", name=self.words(heading, **values), exact=True)).to_be_visible()

    def says_who_he_is(self) -> None:
        """The last two pages of an appeal's questions."""
        self.fill("Your name", "T. Testpersoon")
        self.fill("Date of birth", "1980-01-01")
        self.fill("Place of birth", "Proefdorp")
        self.press("Go on")
        self.fill("Address", "Proefstraat 1, Proefdorp")
        self.fill("Bank account (IBAN)", "nl91abna0417164300")
        self.press("Go on")
