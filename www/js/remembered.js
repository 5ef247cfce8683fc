// What this phone's browser remembers of its person's wishes; the dashcam knows nothing of them.

/** The remembered word, or `otherwise` where there is none or the browser remembers nothing. */
export function remembered(name, otherwise) {
  try {
    return localStorage.getItem(name) ?? otherwise;
  } catch {
    return otherwise;
  }
}

/** Remembers a word, where the browser does. */
export function remember(name, word) {
  try {
    localStorage.setItem(name, word);
  } catch {
    // Private windows of some browsers: it holds until the page is closed.
  }
}
