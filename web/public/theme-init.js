// Sets the colour scheme before the first paint. A file of its own, because the page's policy allows no inline script.
(function () {
  var mode = null;
  try {
    mode = localStorage.getItem('energy-theme');
  } catch {
    // Storage may be blocked; the system's preference applies.
  }
  var dark =
    mode === 'dark' || (mode !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.setAttribute('data-theme', dark ? 'dark' : 'light');
})();
