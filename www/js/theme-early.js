// Runs before anything is drawn, so that the page never shows itself in the wrong colours first. No module: those wait.

(() => {
  const GROUNDS = { dark: "#14181d", light: "#f4f6f8" };
  const light = matchMedia("(prefers-color-scheme: light)");

  function wish() {
    try {
      return localStorage.getItem("theme");
    } catch {
      return null; // a browser that remembers nothing
    }
  }

  function apply() {
    const system = light.matches ? "light" : "dark";
    const theme = Object.hasOwn(GROUNDS, wish()) ? wish() : system;
    document.documentElement.dataset.theme = theme;
    document.querySelector("meta[name=theme-color]")?.setAttribute("content", GROUNDS[theme]);
  }

  light.addEventListener("change", apply);
  addEventListener("storage", apply);
  addEventListener("dashcam-theme", apply);
  apply();
})();
