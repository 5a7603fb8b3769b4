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
  show(read());
  document.addEventListener("click", (event) => {
    if (!event.target.closest?.("[data-theme-next]")) return;
    const isDark = getComputedStyle(document.documentElement).colorScheme === "dark"
      || (!document.documentElement.dataset.theme && matchMedia("(prefers-color-scheme: dark)").matches);
    const next = isDark ? "light" : "dark";
    show(next);
    try {
      localStorage.setItem(key, next);
    } catch {
      // shown for this page only
    }
  });
})();
