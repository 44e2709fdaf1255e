// The review desk by keyboard. Without this script the page's form still works, one page per photo.
"use strict";

const desk = document.getElementById("desk");
const problem = document.getElementById("problem");
const filter = new URLSearchParams(location.search);
const HIDE_SHARE = 0.12;

let item = null;
let following = null;
let skipped = false;

class Item {
  constructor(article) {
    this.article = article;
    this.form = article.querySelector("form");
    this.candidates = JSON.parse(article.dataset.candidates);
    this.regions = [];
    this.position = 0;
    this.light = 1;
    this.contrast = 1;
    this.photos = JSON.parse(article.dataset.photos).map((source) => {
      const photo = new Image();
      photo.src = source;
      return photo;
    });
    this.whole();
  }

  ready() {
    return Promise.all(this.photos.map((photo) => photo.decode()));
  }

  whole() {
    this.zoom = 1;
    this.centre = [0.5, 0.5];
  }

  draw() {
    const photo = this.photos[this.position];
    const canvas = this.article.querySelector("canvas.photo");
    const fit = Math.min(canvas.width / photo.naturalWidth, canvas.height / photo.naturalHeight);
    this.scale = fit * this.zoom;
    this.left = canvas.width / 2 - this.centre[0] * photo.naturalWidth * this.scale;
    this.top = canvas.height / 2 - this.centre[1] * photo.naturalHeight * this.scale;
    const pen = canvas.getContext("2d");
    pen.clearRect(0, 0, canvas.width, canvas.height);
    pen.filter = `brightness(${this.light}) contrast(${this.contrast})`;
    pen.drawImage(photo, this.left, this.top, photo.naturalWidth * this.scale, photo.naturalHeight * this.scale);
    pen.filter = "none";
    this.outlines(pen);
    this.crop(photo);
  }

  outlines(pen) {
    const at = ([x, y]) => [this.left + x * this.scale, this.top + y * this.scale];
    pen.lineWidth = 2;
    pen.strokeStyle = "#ffb612";
    for (const candidate of this.candidates.filter((found) => found.position === this.position)) {
      pen.beginPath();
      candidate.quad.map(at).forEach((point, index) => (index ? pen.lineTo(...point) : pen.moveTo(...point)));
      pen.closePath();
      pen.stroke();
    }
    pen.fillStyle = "rgba(20, 20, 20, 0.85)";
    for (const region of this.regions.filter((chosen) => chosen.position === this.position)) {
      const [x, y] = at(region.box);
      pen.fillRect(x, y, (region.box[2] - region.box[0]) * this.scale, (region.box[3] - region.box[1]) * this.scale);
    }
    const [x, y, right, bottom] = this.aim();
    pen.strokeStyle = "rgba(255, 255, 255, 0.7)";
    pen.setLineDash([4, 4]);
    pen.strokeRect(...at([x, y]), (right - x) * this.scale, (bottom - y) * this.scale);
    pen.setLineDash([]);
  }

  crop(photo) {
    const canvas = this.article.querySelector("canvas.crop");
    const pen = canvas.getContext("2d");
    pen.clearRect(0, 0, canvas.width, canvas.height);
    const candidate = this.candidates.find((found) => found.position === this.position);
    if (!candidate) return;
    const xs = candidate.quad.map(([x]) => x);
    const ys = candidate.quad.map(([, y]) => y);
    const margin = (Math.max(...xs) - Math.min(...xs)) * 0.06;
    const box = [Math.min(...xs) - margin, Math.min(...ys) - margin];
    const size = [Math.max(...xs) + margin - box[0], Math.max(...ys) + margin - box[1]];
    const factor = Math.min(canvas.width / size[0], canvas.height / size[1]);
    pen.filter = `brightness(${this.light}) contrast(${this.contrast})`;
    pen.drawImage(photo, ...box, ...size, 0, 0, size[0] * factor, size[1] * factor);
  }

  // The box in the middle of the view that "hide here" would hide, in pixels of the photo.
  aim() {
    const photo = this.photos[this.position];
    const half = (HIDE_SHARE * Math.min(photo.naturalWidth, photo.naturalHeight)) / this.zoom / 2;
    const [x, y] = [this.centre[0] * photo.naturalWidth, this.centre[1] * photo.naturalHeight];
    const within = (value, most) => Math.round(Math.min(Math.max(value, 0), most));
    return [
      within(x - half, photo.naturalWidth - 1),
      within(y - half, photo.naturalHeight - 1),
      within(x + half, photo.naturalWidth),
      within(y + half, photo.naturalHeight),
    ];
  }

  hide() {
    this.regions.push({ position: this.position, box: this.aim() });
    this.form.elements.regions.value = JSON.stringify(this.regions);
  }

  takeBack() {
    this.regions.pop();
    this.form.elements.regions.value = JSON.stringify(this.regions);
  }

  move(x, y) {
    const step = 0.15 / this.zoom;
    this.centre = [this.centre[0] + x * step, this.centre[1] + y * step].map((v) => Math.min(Math.max(v, 0), 1));
  }
}

function say(text) {
  problem.textContent = text;
  problem.hidden = !text;
}

// The reading after this one; null at the end of the queue, undefined where no answer says so.
async function load(after) {
  const answer = await fetch(`/handlers/review/item?${new URLSearchParams([...filter, ["after", after]])}`);
  if (answer.status === 204) return null;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const article = page.querySelector("article.review");
  return article ? new Item(document.adoptNode(article)) : undefined;
}

// The whole page anew where the next one did not come: the login has ended, or the server says why.
async function goOn() {
  const next = await following;
  if (next === undefined) location.reload();
  else await show(next);
}

async function show(next) {
  item = next;
  document.getElementById("empty").hidden = Boolean(item) || skipped;
  document.getElementById("end").hidden = Boolean(item) || !skipped;
  if (!item) {
    desk.replaceChildren();
    return;
  }
  if (!item.article.isConnected) desk.replaceChildren(item.article);
  item.form.addEventListener("submit", (event) => {
    event.preventDefault();
    settle(event.submitter ? event.submitter.value : "read");
  });
  item.article.querySelector("[data-skip]").addEventListener("click", skip);
  for (const option of item.article.querySelectorAll(".option")) option.addEventListener("click", () => take(option));
  following = load(item.article.dataset.capture).catch(() => undefined);
  await item.ready();
  item.draw();
  desk.dataset.shown = item.article.dataset.capture;
}

function take(option) {
  item.form.elements.plate.value = option.dataset.plate;
  item.form.elements.country.value = option.dataset.country;
  settle("read");
}

async function settle(verdict) {
  const body = new URLSearchParams(new FormData(item.form));
  body.set("verdict", verdict);
  const settled = item;
  item = null;
  let answer;
  try {
    answer = await fetch(settled.form.action, { method: "POST", body, headers: { Accept: "application/json" } });
  } catch {
    item = settled;
    say(desk.dataset.away);
    return;
  }
  if (answer.status === 204) {
    say("");
    await goOn();
    return;
  }
  if (!answer.headers.get("content-type")?.includes("json")) {
    // A page instead of an answer: the login has ended, and nothing was stored.
    location.reload();
    return;
  }
  item = settled;
  const reason = await answer.json();
  say(reason.detail);
  if (answer.status === 409) await goOn();
}

async function skip() {
  say("");
  skipped = true;
  await goOn();
}

const KEYS = {
  "+": () => (item.zoom = Math.min(item.zoom * 1.4, 20)),
  "=": () => (item.zoom = Math.min(item.zoom * 1.4, 20)),
  "-": () => (item.zoom = Math.max(item.zoom / 1.4, 1)),
  0: () => item.whole(),
  ArrowLeft: () => item.move(-1, 0),
  ArrowRight: () => item.move(1, 0),
  ArrowUp: () => item.move(0, -1),
  ArrowDown: () => item.move(0, 1),
  "[": () => (item.light /= 1.2),
  "]": () => (item.light *= 1.2),
  ",": () => (item.contrast /= 1.2),
  ".": () => (item.contrast *= 1.2),
  p: () => (item.position = (item.position + 1) % item.photos.length),
  h: () => item.hide(),
  u: () => item.takeBack(),
  t: () => item.form.elements.plate.select(),
  r: () => settle("unreadable"),
  v: () => settle("vehicles"),
  n: () => settle("conduct"),
  s: () => skip(),
};

document.addEventListener("keydown", (event) => {
  if (!item || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.matches("input, select, textarea")) {
    if (event.key === "Escape") event.target.blur();
    return;
  }
  const option = item.article.querySelectorAll(".option")[Number(event.key) - 1];
  const action = option ? () => take(option) : KEYS[event.key];
  if (!action) return;
  event.preventDefault();
  action();
  if (item) item.draw();
});

const first = desk.querySelector("article");
if (first) show(new Item(first));
