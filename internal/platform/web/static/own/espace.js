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

// A link to a text becomes a button that copies it, where the browser lets us.
for (const link of navigator.clipboard ? document.querySelectorAll("a[data-em-copy]") : []) {
  const told = document.getElementById(link.dataset.emCopied);
  const tell = (text) => { if (told) told.textContent = text; };
  link.textContent = link.dataset.emCopy;
  link.setAttribute("role", "button");
  const copy = async (event) => {
    event.preventDefault();
    try {
      const answer = await fetch(link.href);
      if (!answer.ok || answer.redirected) throw new Error(answer.statusText);
      const text = await answer.text();
      await navigator.clipboard.writeText(text);
      const count = text.trim().split("\n").length;
      tell(count > 1 ? `C’est copié : ${count} adresses, une par ligne.` : "C’est copié : une adresse.");
    } catch {
      window.location.assign(link.href);
    }
  };
  link.addEventListener("click", copy);
  // What says that it is a button answers to the space bar too.
  link.addEventListener("keydown", (event) => { if (event.key === " ") copy(event); });
}
