// Whoever is still reading may stay.
const idle = document.querySelector("#idle");
if (idle) {
  const ending = document.querySelector("#ending");
  const warn = () => { ending.hidden = false; ending.querySelector("button").focus(); };
  let timer = setTimeout(warn, (Number(idle.dataset.minutes) - 2) * 60_000);
  ending.querySelector("button").addEventListener("click", async () => {
    const body = new URLSearchParams({ csrf: idle.dataset.csrf });
    const answer = await fetch(idle.dataset.stay, { method: "POST", body });
    // Anything else is a login that has ended: the warning stays, and so does what was typed.
    if (answer.status !== 204) return;
    ending.hidden = true;
    clearTimeout(timer);
    timer = setTimeout(warn, (Number(idle.dataset.minutes) - 2) * 60_000);
  });
}
