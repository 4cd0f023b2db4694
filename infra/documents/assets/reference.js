// Light or dark: as chosen on the other pages of the site, else as the reader's system has it.
(function () {
  const system = matchMedia("(prefers-color-scheme: dark)");
  function chosen() {
    for (const key of Object.keys(localStorage)) {
      if (key.endsWith("__palette")) {
        const palette = JSON.parse(localStorage.getItem(key));
        if (palette && palette.color && palette.color.scheme) return palette.color.scheme === "slate";
      }
    }
    return system.matches;
  }
  function show() {
    document.documentElement.classList.toggle("dark-mode", chosen());
  }
  system.addEventListener("change", show);
  show();
})();
