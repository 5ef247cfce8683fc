// Boxes around what moves, over the live picture and only there; nothing is asked for while nobody sees them.

import { element, setText } from "./dom.js";
import { part } from "./svg.js";

const AGAIN_MILLISECONDS = 5_000;
// Long enough to read why there are no boxes; after that the words are only in the way.
const REASON_MILLISECONDS = 8_000;
const NAMES = { learning: "it learns what is always there", still: "nothing moves" };

/** `Motion 62`, `Motion: the light has changed`, `Motion: not looked for, the mode is off`; the reason only at first. */
export function motionWords({ state, score, words }, isNews = true) {
  if (state === "off") {
    return words && isNews ? `Motion: not looked for, ${words}` : "Motion: not looked for";
  }
  return state === "moving" ? `Motion ${Math.round(score)}` : `Motion: ${words || NAMES[state]}`;
}

function boxOf({ x, y, width, height, score }, picture) {
  const place = { x: x * picture.width, y: y * picture.height };
  return part(
    "g",
    {},
    part("rect", { ...place, width: width * picture.width, height: height * picture.height }),
    part("text", { x: place.x + 4, y: Math.max(place.y - 6, 16) }, String(Math.round(score))),
  );
}

/** The layer in the live view `root`; it follows the picture's size and zoom. */
export class MotionBoxes {
  #source = null;
  #again = 0;
  #isShown = false;
  #isConnected = true;
  #reason = { words: "", since: 0 };

  constructor(root) {
    this.root = root;
    this.picture = root.querySelector(".shot");
    this.layer = part("svg", { class: "boxes", "aria-hidden": "true", preserveAspectRatio: "xMidYMid meet" });
    this.label = element("p", { className: "boxes-words", hidden: true });
    this.picture.after(this.layer, this.label);
    new MutationObserver(() => this.#follow()).observe(this.picture, { attributeFilter: ["style", "width", "height"] });
    new MutationObserver(() => this.#update()).observe(root, { attributeFilter: ["class"] });
    document.addEventListener("visibilitychange", () => this.#update());
    this.#follow();
  }

  setState(state) {
    this.#isConnected = state !== null;
    this.#update();
  }

  show(isShown) {
    this.#isShown = isShown;
    this.#update();
  }

  /** The picture is shown anew in another size or another zoom. */
  #follow() {
    const { width, height, style } = this.picture;
    this.layer.setAttribute("viewBox", `0 0 ${width} ${height}`);
    this.layer.style.transform = style.transform;
    const scale = style.transform ? new DOMMatrix(style.transform).a : 1;
    this.layer.style.setProperty("--zoom", scale);
  }

  #update() {
    const isWanted =
      this.#isShown && this.#isConnected && !document.hidden && this.root.classList.contains("has-picture");
    if (!isWanted) {
      this.#close();
    } else if (!this.#source && !this.#again) {
      this.#open();
    }
  }

  #open() {
    this.#source = new EventSource("/api/motion/stream");
    this.#source.addEventListener("motion", ({ data }) => this.#draw(JSON.parse(data)));
    this.#source.addEventListener("error", () => {
      this.#close();
      this.#tell("Motion: not to be had just now; trying again");
      this.#again = setTimeout(() => {
        this.#again = 0;
        this.#update();
      }, AGAIN_MILLISECONDS);
    });
  }

  #close() {
    clearTimeout(this.#again);
    this.#again = 0;
    this.#source?.close();
    this.#source = null;
    this.layer.replaceChildren();
    this.label.hidden = true;
    this.#reason = { words: "", since: 0 };
  }

  #tell(words) {
    this.label.hidden = false;
    setText(this.label, words);
  }

  #draw(motion) {
    this.layer.replaceChildren(...motion.regions.map((region) => boxOf(region, this.picture)));
    this.layer.dataset.state = motion.state;
    if (this.#reason.words !== motion.words) {
      this.#reason = { words: motion.words, since: performance.now() };
    }
    this.#tell(motionWords(motion, performance.now() - this.#reason.since < REASON_MILLISECONDS));
  }
}
