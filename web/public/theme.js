// Before anything is drawn: the theme that was chosen, so that no page flashes in the other.
try {
  var chosen = localStorage.getItem("outcry.theme");
  if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
} catch (e) { /* storage may be forbidden */ }
