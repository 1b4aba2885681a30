// Comfort only: every page works without this file.

// A refused form opens on the summary of what is to be corrected.
document.querySelector("[data-em-focus]")?.focus();

// A form is sent once: a second click while it leaves does nothing.
for (const form of document.querySelectorAll('form[method="post"]')) {
  let sent = false;
  form.addEventListener("submit", (event) => {
    if (sent) event.preventDefault();
    sent = true;
  });
}
// Coming back with the browser's own button shows the form alive again.
window.addEventListener("pageshow", (event) => {
  if (event.persisted) window.location.reload();
});

// An old link to a block that moved to another tab goes there at once.
const anchor = window.location.hash.slice(1);
const moved = anchor && document.getElementById(anchor)?.querySelector("[data-em-moved]");
if (moved) window.location.replace(moved.href);
