// Small helper for drawings.

const SVG = "http://www.w3.org/2000/svg";

/** A new element of a drawing with attributes and children. */
export function part(name, attributes = {}, ...children) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) {
    made.setAttribute(key, value);
  }
  made.append(...children);
  return made;
}
