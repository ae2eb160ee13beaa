// Tells what has ended by a notification of the browser, each ending once; in a window that is looked at, too.

const SAID = "labelloop:endings";

function toldBefore(key) {
  const said = JSON.parse(sessionStorage.getItem(SAID) ?? "[]");
  if (said.includes(key)) return true;
  sessionStorage.setItem(SAID, JSON.stringify([...said, key].slice(-200)));
  return false;
}

export default function ({ data }) {
  if (!("Notification" in window)) return;
  if (data.waits && Notification.permission === "default") Notification.requestPermission();
  for (const { key, title, body } of data.ended) {
    if (Notification.permission !== "granted" || toldBefore(key)) continue;
    const shown = new Notification(title, { body, tag: key });
    shown.onclick = () => window.focus();
  }
}
