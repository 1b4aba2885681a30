// Counts the page on the Matomo server that a setting names: no cookie, no name. The address and
// the title that are told are the pattern of the page, which the shell gives.
const own = document.querySelector("script[data-em-matomo]");
if (own && navigator.doNotTrack !== "1") {
  const { emMatomo, emSite, emPage } = own.dataset;
  const page = window.location.origin + emPage;
  const queue = (window._paq = window._paq || []);
  queue.push(["disableCookies"], ["setDoNotTrack", true], ["setTrackerUrl", `${emMatomo}/matomo.php`], ["setSiteId", emSite]);
  queue.push(["setCustomUrl", page], ["setDocumentTitle", emPage], ["setReferrerUrl", ""], ["enableHeartBeatTimer"], ["disablePerformanceTracking"]);
  queue.push(["trackPageView"]);
  const script = document.createElement("script");
  script.async = true;
  script.nonce = own.nonce;
  script.referrerPolicy = "no-referrer";
  script.src = `${emMatomo}/matomo.js`;
  document.head.append(script);
}
