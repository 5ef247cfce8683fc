// What lies under the zones: the live picture, from the live view where that is open, or a grey frame.

import { element } from "./dom.js";
import { LiveStream } from "./live-stream.js";

const EVERY_MILLISECONDS = 200;

/** A canvas that shows the newest picture until `close()`. */
export class ZonePicture {
  #stream = null;
  #timer = 0;

  constructor({ width = 16, height = 9 } = {}) {
    this.canvas = element("canvas", {
      className: "zone-picture",
      width: 640,
      height: Math.round((640 * height) / width),
    });
    this.canvas.style.aspectRatio = `${width} / ${height}`;
    this.brush = this.canvas.getContext("2d", { alpha: false });
    this.brush.fillStyle = "#5a636d";
    this.brush.fillRect(0, 0, this.canvas.width, this.canvas.height);
    this.live = document.querySelector("#live.has-picture .shot");
    if (this.live) {
      this.#timer = setInterval(() => this.#draw(this.live), EVERY_MILLISECONDS);
      this.#draw(this.live);
    } else {
      // It ends by itself where there is no picture to be had; zones can be drawn all the same.
      this.#stream = new LiveStream({ onPicture: (bitmap) => this.#draw(bitmap), onEnd() {} });
    }
  }

  close() {
    clearInterval(this.#timer);
    this.#stream?.close();
  }

  #draw(picture) {
    this.brush.drawImage(picture, 0, 0, this.canvas.width, this.canvas.height);
  }
}
