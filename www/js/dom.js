// Small helpers around the document.

/** The one element of `root` that `selector` finds. */
export function find(root, selector) {
  const found = root.querySelector(selector);
  if (!found) {
    throw new Error(`the page lacks ${selector}`);
  }
  return found;
}

/** A new element with properties (`className`, `textContent`, ...) and children. */
export function element(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

const SVG = "http://www.w3.org/2000/svg";

/** One of the symbols at the top of index.html; for the eyes only, words say it too. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `#icon-${name}`);
  svg.append(use);
  return svg;
}

/** Sets a text only when it differs, so that screen readers and selections are left in peace. */
export function setText(target, text) {
  if (target.textContent !== text) {
    target.textContent = text;
  }
}

/** Runs `work` once, with the button disabled meanwhile. */
export async function whileBusy(button, work) {
  if (button.getAttribute("aria-busy") === "true") {
    return;
  }
  button.setAttribute("aria-busy", "true");
  try {
    await work();
  } finally {
    button.removeAttribute("aria-busy");
  }
}

const styles = new Map();

/**
 * Loads a style sheet once; resolves when it is there, and also when it cannot be had: words without style are still
 * words. What could not be had is asked for again the next time.
 */
export function loadStyles(address) {
  if (!styles.has(address)) {
    const link = element("link", { rel: "stylesheet", href: address });
    styles.set(
      address,
      new Promise((resolve) => {
        link.onload = resolve;
        link.onerror = () => {
          styles.delete(address);
          link.remove();
          resolve();
        };
      }),
    );
    document.head.append(link);
  }
  return styles.get(address);
}

/** A button with one of the symbols before its words. */
export function button(words, { icon: name = "", className = "", onClick = null } = {}) {
  const made = element("button", { type: "button", className }, element("span", { textContent: words }));
  if (name) {
    made.prepend(icon(name));
  }
  if (onClick) {
    made.addEventListener("click", onClick);
  }
  return made;
}
