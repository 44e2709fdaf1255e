// A photo looked at closely: zoom, move, light and contrast, by buttons or keys. Without script the photo is just there.
const START = { scale: 1, x: 0, y: 0, light: 1, contrast: 1 };
const STEP = 60;
const KEYS = {
  "+": "in", "=": "in", "-": "out", 0: "whole", "[": "darker", "]": "lighter", ",": "softer", ".": "sharper",
  ArrowLeft: "left", ArrowRight: "right", ArrowUp: "up", ArrowDown: "down",
};
const ACTS = {
  in: (v) => (v.scale = Math.min(v.scale * 1.4, 12)),
  out: (v) => (v.scale = Math.max(v.scale / 1.4, 1)),
  whole: (v) => Object.assign(v, START),
  darker: (v) => (v.light = Math.max(v.light / 1.2, 0.2)),
  lighter: (v) => (v.light = Math.min(v.light * 1.2, 6)),
  softer: (v) => (v.contrast = Math.max(v.contrast / 1.2, 0.3)),
  sharper: (v) => (v.contrast = Math.min(v.contrast * 1.2, 5)),
  left: (v) => (v.x += STEP),
  right: (v) => (v.x -= STEP),
  up: (v) => (v.y += STEP),
  down: (v) => (v.y -= STEP),
};

for (const viewer of document.querySelectorAll("[data-viewer]")) {
  const photo = viewer.querySelector("img");
  const view = { ...START };

  function act(name) {
    ACTS[name](view);
    const far = (size) => ((view.scale - 1) * size) / 2;
    view.x = Math.max(Math.min(view.x, far(photo.clientWidth)), -far(photo.clientWidth));
    view.y = Math.max(Math.min(view.y, far(photo.clientHeight)), -far(photo.clientHeight));
    photo.style.transform = `translate(${view.x}px, ${view.y}px) scale(${view.scale})`;
    photo.style.filter = `brightness(${view.light}) contrast(${view.contrast})`;
  }

  viewer.querySelector("[data-tools]").hidden = false;
  for (const button of viewer.querySelectorAll("[data-view]")) {
    button.addEventListener("click", () => act(button.dataset.view));
  }
  viewer.addEventListener("keydown", (event) => {
    const name = KEYS[event.key];
    if (!name || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    act(name);
  });
}
