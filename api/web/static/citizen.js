// What makes the citizen's pages quicker; all of them work without it.

// The code on the letter brings what stands on it behind the hash, which a browser sends to nobody.
const said = new URLSearchParams(location.hash.slice(1));
const enter = document.querySelector("#enter");
if (enter && said.has("zaak")) {
  enter.elements.case_number.value = said.get("zaak");
  enter.elements.plate.value = said.get("kenteken") ?? "";
  enter.elements.access_code.value = said.get("code") ?? "";
  history.replaceState(null, "", location.pathname);
}
