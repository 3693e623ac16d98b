// What textual.js leaves to its page: where the game is, when it may begin, and how it ended.
// Both scripts are deferred, so this one runs after textual.js and before the page is loaded.
"use strict";

const ENDS = { 1000: "over", 1001: "stopped", 4001: "broke", 4002: "full" };
const FIRST_PICTURE_BYTES = 10; // what comes before it switches a mode of the terminal
const SMALLEST_LETTERS = 8; // pixels
const CELL = { width: 0.61, height: 1.35 }; // of a letter's size

const terminal = document.getElementById("terminal");
const again = document.getElementById("again");
const keys = () => terminal.querySelector("textarea");

const scheme = location.protocol === "https:" ? "wss:" : "ws:";
terminal.dataset.sessionWebsocketUrl = `${scheme}//${location.host}${terminal.dataset.path}`;

// textual.js takes more wishes from the address than a page of ours should grant: none but these.
const asked = new URLSearchParams(location.search);
for (const name of [...asked.keys()]) if (!["lang", "fontsize"].includes(name)) asked.delete(name);
history.replaceState(null, "", `${location.pathname}?${asked}`);

// Letters shrink where a small window would have no room for the smallest board, 80 by 24.
if (!asked.has("fontsize")) {
  const fits = Math.min(innerWidth / (80 * CELL.width), innerHeight / (24 * CELL.height));
  const usual = Number(terminal.dataset.fontSize);
  terminal.dataset.fontSize = Math.max(SMALLEST_LETTERS, Math.min(usual, Math.floor(fits)));
}

function show(state) {
  document.body.dataset.state = state;
  if (state === "playing") {
    keys().readOnly = true; // no input method takes a key before the game sees it
    keys().focus();
  } else {
    again.focus();
  }
}

window.WebSocket = class extends WebSocket {
  constructor(address) {
    super(address);
    this.addEventListener("close", (event) => show(ENDS[event.code] ?? "lost"));
    this.addEventListener("message", (event) => {
      const waits = document.body.dataset.state === "connecting";
      if (waits && event.data.byteLength > FIRST_PICTURE_BYTES) show("playing");
    });
  }

  send(data) {
    if (this.readyState === this.OPEN) super.send(data); // no key before the game, none after it
  }
};

again.addEventListener("click", () => location.reload());
window.addEventListener("focus", () => {
  if (document.body.dataset.state === "playing") keys().focus();
});

// Every key is the game's, as far as a browser gives them away: no quick find, no scrolling.
terminal.addEventListener("keypress", (event) => event.preventDefault());

// The terminal measures its cells once and keeps its letters, so their fonts must be there first.
const begin = window.onload;
window.onload = async (event) => {
  const fonts = ["", "bold "].map((weight) => `${weight}16px "Roboto Mono"`);
  await Promise.allSettled(fonts.map((font) => document.fonts.load(font, "A가")));
  begin(event);
};
