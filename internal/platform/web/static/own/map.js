// Comfort only, and only where a setting names a tile server: the numbers of the table, as circles
// on a map to move in. The drawing of ours stays for who has no script.
const box = document.querySelector("[data-em-tiles]");
if (box && window.L) {
  box.hidden = false;
  const map = window.L.map(box, { scrollWheelZoom: false, minZoom: 3 }).setView([46.76, 2.47], 5);
  const credit = document.createElement("span");
  credit.textContent = box.dataset.emCredit;
  window.L.tileLayer(box.dataset.emTiles, { maxZoom: 18, attribution: credit.innerHTML }).addTo(map);
  const places = [...document.querySelectorAll("[data-em-place]")];
  const most = Math.max(1, ...places.map((place) => Number(place.dataset.emPeople)));
  for (const place of places) {
    const people = Number(place.dataset.emPeople);
    const label = document.createElement("a");
    label.href = place.href;
    label.textContent = `${place.textContent.trim()} : ${people}`;
    window.L.circleMarker(place.dataset.emPlace.split(",").map(Number), { radius: 8 + 16 * Math.sqrt(people / most), color: "#000091", fillOpacity: 0.4 })
      .bindPopup(label).bindTooltip(label.textContent).addTo(map);
  }
}
