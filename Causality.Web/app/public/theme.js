// A remembered theme is set before the first paint; without one, the system's applies through CSS.
try {
  var theme = localStorage.getItem('causality.theme')
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme
} catch {
  // storage may be forbidden; the system's theme is a fine answer
}
