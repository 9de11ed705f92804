(() => {
  const root = document.documentElement;
  root.classList.add("js");
  const toggle = document.querySelector("[data-theme-toggle]");
  const light = matchMedia("(prefers-color-scheme: light)");
  toggle.hidden = false;
  toggle.addEventListener("click", () => {
    const now = root.dataset.theme || (light.matches ? "light" : "dark");
    root.dataset.theme = now === "light" ? "dark" : "light";
  });
  const figures = [...document.querySelectorAll("[data-fan]")];
  const show = (which) => {
    for (const figure of figures) {
      figure.hidden = figure.dataset.fan !== which;
      for (const region of figure.querySelectorAll("[data-end]")) region.scrollLeft = region.scrollWidth;
    }
  };
  const chooser = document.querySelector("[data-choose]");
  if (chooser) chooser.addEventListener("change", () => show(chooser.value));
  if (figures.length) show("0");
})();
