// Dark or light: as the phone has it, or as its person wishes.

import { remember, remembered } from "./remembered.js";

/** The choice of colours; theme-early.js applies it. */
export function themePanel(root) {
  const wish = remembered("theme", "system");
  for (const choice of root.querySelectorAll("input")) {
    choice.checked = choice.value === wish;
    choice.addEventListener("change", () => {
      remember("theme", choice.value);
      dispatchEvent(new Event("dashcam-theme"));
    });
  }
  return { setState() {} };
}
