// The live view over the whole screen: by the browser where it can, else over the whole page (iPhones).

/** `toggle()`; `onChange(isFull)` is called with every change, also when the person leaves by a key or a gesture. */
export function fullScreen(target, onChange) {
  const request = target.requestFullscreen ?? target.webkitRequestFullscreen;
  const isReal = () => (document.fullscreenElement ?? document.webkitFullscreenElement) === target;

  function fill(isFilling) {
    target.classList.toggle("is-filling", isFilling);
    document.body.classList.toggle("is-covered", isFilling);
    onChange(isFilling);
  }

  function leave() {
    if (isReal()) {
      (document.exitFullscreen ?? document.webkitExitFullscreen).call(document);
    } else {
      fill(false);
    }
  }

  async function enter() {
    try {
      await request.call(target);
    } catch {
      fill(true);
    }
  }

  for (const name of ["fullscreenchange", "webkitfullscreenchange"]) {
    document.addEventListener(name, () => {
      target.classList.toggle("is-full", isReal());
      onChange(isReal());
    });
  }
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && target.classList.contains("is-filling")) {
      fill(false);
    }
  });
  return {
    leave,
    toggle: () => (isReal() || target.classList.contains("is-filling") ? leave() : enter()),
  };
}
