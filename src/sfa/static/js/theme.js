// Dark, light, or as the system has it. Not a module: it runs before the first paint.
(() => {
  const key = "sfa.theme";
  const read = () => {
    try {
      return localStorage.getItem(key);
    } catch {
      return null; // a browser that keeps nothing follows its system
    }
  };
  const show = (theme) => {
    if (theme) document.documentElement.dataset.theme = theme;
    else delete document.documentElement.dataset.theme;
  };
  const system = matchMedia("(prefers-color-scheme: dark)");
  // On the window: modules draw by it, and this is none.
  window.isDark = () => (document.documentElement.dataset.theme ?? (system.matches ? "dark" : "light")) === "dark";
  show(read());
  document.addEventListener("click", (event) => {
    if (!event.target.closest?.("[data-theme-next]")) return;
    const next = window.isDark() ? "light" : "dark";
    show(next);
    try {
      localStorage.setItem(key, next);
    } catch {
      // shown for this page only
    }
  });
})();
