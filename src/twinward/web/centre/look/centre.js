// The theme before the first paint, and the keyboard: "/" finds, Escape leaves the search.
(() => {
  const root = document.documentElement;
  try {
    const kept = localStorage.getItem("twinward-theme");
    if (kept) root.dataset.theme = kept;
  } catch {}
  window.twinwardTheme = () => {
    const light =
      root.dataset.theme === "light" || (!root.dataset.theme && matchMedia("(prefers-color-scheme: light)").matches);
    root.dataset.theme = light ? "dark" : "light";
    try {
      localStorage.setItem("twinward-theme", root.dataset.theme);
    } catch {}
  };
  addEventListener("click", (event) => {
    const pressed = event.target.closest?.("[data-theme-toggle]");
    if (pressed) window.twinwardTheme();
    const copy = event.target.closest?.("[data-copy]");
    if (copy) {
      navigator.clipboard?.writeText(new URL(copy.dataset.copy, location.href).href);
      copy.textContent = "Link copied";
    }
    if (event.target.closest?.("[data-print]")) print();
  });
  addEventListener("keydown", (event) => {
    const typing = /^(INPUT|TEXTAREA|SELECT)$/.test(document.activeElement?.tagName ?? "");
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      document.getElementById("search")?.focus();
    }
    if (event.key === "Escape" && document.activeElement?.id === "search") document.activeElement.blur();
  });
  document.documentElement.lang = "en";
})();
