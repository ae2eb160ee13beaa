// Data set text, labels, names and reasons only ever reach the page as text.

import { breakable } from "../../words/joints.js";

export function make(tag, name, text) {
  const node = document.createElement(tag);
  if (name) node.className = name;
  if (text !== undefined) node.textContent = text;
  return node;
}

export const paint = (node, color) => color && node.style.setProperty("--c", color);

export function directed(node) {
  node.dir = "auto";
  return node;
}

export function chip(label, color) {
  const node = breakable(directed(make("span", "chip")), label);
  node.title = label;
  paint(node, color);
  return node;
}
