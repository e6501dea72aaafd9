"use strict";
// Numbers and times as people read them, and the few calls of the DOM that all others use.

const byId = (id) => document.getElementById(id);
const svgSpace = "http://www.w3.org/2000/svg";
const unknown = "–";

/** An element with its attributes, then its children: elements or texts. Never HTML. */
function make(name, attributes = {}, ...children) {
  const isDrawn = [
    "svg",
    "g",
    "path",
    "rect",
    "line",
    "text",
    "circle",
    "polyline",
    "polygon",
    "title",
  ].includes(name);
  const made = isDrawn ? document.createElementNS(svgSpace, name) : document.createElement(name);
  for (const [key, value] of Object.entries(attributes))
    if (value !== undefined && value !== null) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

/** Changes the document only where the text differs: what did not change is not read out again. */
function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
function mark(element, name, value) {
  if (value === undefined) element.removeAttribute(name);
  else if (element.getAttribute(name) !== String(value)) element.setAttribute(name, value);
}

/** As many children of `list` as there are items, each kept for the item in its place. */
function fill(list, items, create, update) {
  while (list.children.length > items.length) list.lastElementChild.remove();
  while (list.children.length < items.length) list.append(create(items[list.children.length]));
  items.forEach((item, i) => update(list.children[i], item, i));
}

const whole = (n) => (n === null || n === undefined ? unknown : Math.round(n).toLocaleString("en"));

/** 1,234 · 12.3 k · 1.23 M */
function short(n) {
  if (n === null || n === undefined || Number.isNaN(n)) return unknown;
  for (const [limit, unit] of [
    [1e9, " G"],
    [1e6, " M"],
    [1e4, " k"],
  ])
    if (n >= limit) {
      const scaled = n / (limit === 1e4 ? 1e3 : limit);
      return scaled.toFixed(scaled < 10 ? 2 : scaled < 100 ? 1 : 0) + unit;
    }
  return n > 0 && n < 10 && n % 1 ? n.toFixed(1) : whole(n);
}

/** 3 ms · 1.2 s · 4 min 10 s · 3 h 20 min · 2 d 4 h */
function span(seconds) {
  if (seconds === null || seconds === undefined) return unknown;
  if (seconds < 0.0005) return "0 s";
  if (seconds < 0.9995) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  let s = Math.round(seconds);
  if (s < 60) return `${s} s`;
  for (const [unit, size, below, part] of [
    ["min", 60, 3600, "s"],
    ["h", 3600, 86400, "min"],
    ["d", 86400, Infinity, "h"],
  ])
    if (s < below) {
      const rest = Math.floor((s % size) / { s: 1, min: 60, h: 3600 }[part]);
      return `${Math.floor(s / size)} ${unit}${rest ? ` ${rest} ${part}` : ""}`;
    }
  return unknown;
}

const percent = (share) =>
  share === null || share === undefined
    ? unknown
    : `${(share * 100).toFixed(share > 0 && share < 0.0995 ? 1 : 0)} %`;
const bytes = (n) => (n === null || n === undefined ? unknown : `${whole(n / 1048576)} MiB`);
const clockTime = (ms) => new Date(ms).toLocaleTimeString("en-GB");
const plural = (n, one, many = `${one}s`) => `${whole(n)} ${n === 1 ? one : many}`;
const cut = (text, most) => (text.length > most ? `${text.slice(0, most - 1)}…` : text);
const words = (name) => name.replaceAll("_", " ");
